// Canton's own TypeScript client reads from the Scan mock, which test_typescript_client.py starts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanClient } from "@canton-network/core-splice-client";

const HISTORY = 400; // as in test_typescript_client.py
const UPDATES = "/v2/updates";
const UPDATE = "/v2/updates/{update_id}";

/** A client of the node, and the statuses it was answered with: its errors are bodies alone. */
function connect(url) {
  const statuses = [];
  const logger = { debug: ({ response }) => response && statuses.push(response.response.status) };
  const nobody = { getAccessToken: async () => undefined };
  return { scan: new ScanClient(new URL(`${url}/api/scan`), logger, nobody), statuses };
}

const { scan, statuses } = connect(process.env.SCAN_URL);

async function page(size, after) {
  const { transactions } = await scan.post(UPDATES, { page_size: size, after });
  return transactions;
}

/** A reassignment has its migration in its event. */
function position(update) {
  const migration = (update.event ?? update).migration_id;
  return { after_migration_id: migration, after_record_time: update.record_time };
}

function isBefore(one, other) {
  if (one.after_migration_id !== other.after_migration_id) {
    return one.after_migration_id < other.after_migration_id;
  }
  return one.after_record_time < other.after_record_time;
}

async function walk(size) {
  const pages = [];
  do {
    const last = pages.at(-1)?.at(-1);
    pages.push(await page(size, last && position(last)));
  } while (pages.at(-1).length === size);
  return pages;
}

/** What the client rejects with, and the status behind it. */
async function refusal(request) {
  const error = await request.then(
    () => assert.fail("it was answered"),
    (reason) => reason,
  );
  return [statuses.at(-1), error];
}

async function steer(method, fault) {
  const body = fault && JSON.stringify(fault);
  const headers = fault && { "content-type": "application/json" };
  const answer = await fetch(`${process.env.SCAN_URL}/_mock/faults`, { method, headers, body });
  assert.equal(answer.status, 200);
  return (await answer.json()).faults;
}

test("pages hold every update once and in order, across both migrations", async () => {
  const pages = await walk(60);
  const updates = pages.flat();
  const positions = updates.map(position);
  assert.ok(updates.length >= HISTORY, `${updates.length} updates`);
  assert.equal(pages.length, Math.floor(updates.length / 60) + 1);
  assert.equal(new Set(updates.map((update) => update.update_id)).size, updates.length);
  assert.ok(positions.slice(1).every((one, index) => isBefore(positions[index], one)));
  assert.deepEqual([...new Set(positions.map((one) => one.after_migration_id))], [3, 4]);
  assert.deepEqual(updates, (await page(1000)).slice(0, updates.length));
});

test("an update that is read by its id is the one of its page", async () => {
  const [, update] = await page(2);
  assert.deepEqual(await scan.get(UPDATE, { path: { update_id: update.update_id } }), update);
});

test("a page size out of bounds is refused with 400", async () => {
  const error = "Exceeded limit maximum (5000 > 1000).";
  assert.deepEqual(await refusal(page(5000)), [400, { error }]);
});

test("an unknown update is not found, with 404", async () => {
  const error = "Transaction with id 1220ab not found";
  const request = scan.get(UPDATE, { path: { update_id: "1220ab" } });
  assert.deepEqual(await refusal(request), [404, { error }]);
});

test("a node that loads its history says so with 503, and serves again", async () => {
  await steer("POST", { kind: "backfilling", times: 1 });
  const error =
    "This scan instance has not yet loaded its updates history. Wait a short time and retry.";
  assert.deepEqual(await refusal(page(10)), [503, { error }]);
  assert.deepEqual((await steer("GET")).map((fault) => fault.fired), [1]);
  assert.equal((await page(10)).length, 10);
});

test("a client that asks too often is told so with 429", async () => {
  const limited = connect(process.env.LIMITED_SCAN_URL);
  const requests = Array.from({ length: 40 }, () => limited.scan.get("/version"));
  const refused = (await Promise.allSettled(requests)).filter((one) => one.status === "rejected");
  const [first] = refused;
  assert.equal(first?.reason, "Too Many Requests: Server is busy, please try again later.");
  assert.equal(limited.statuses.filter((status) => status === 429).length, refused.length);
});
