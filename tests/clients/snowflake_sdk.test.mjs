// Node's own driver on the local Snowflake, which test_snowflake_clients.py starts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import snowflake from "snowflake-sdk";

const { LOCAL_SNOWFLAKE_USER, LOCAL_SNOWFLAKE_PASSWORD, LOCAL_SNOWFLAKE_PORT } = process.env;
snowflake.configure({
  logLevel: "ERROR",
  logFilePath: "STDOUT", // it would write a file here
  disableOCSPChecks: true, // nobody answers for our own certificate
});
const connection = snowflake.createConnection({
  account: "local",
  accessUrl: `http://127.0.0.1:${LOCAL_SNOWFLAKE_PORT}`,
  username: LOCAL_SNOWFLAKE_USER,
  password: LOCAL_SNOWFLAKE_PASSWORD,
  database: "CANTON",
  schema: "NODE",
});

/** A statement that has run, and its rows. */
function run(sqlText, binds, options) {
  return new Promise((resolve, reject) => {
    const complete = (error, statement, rows) => error ? reject(error) : resolve({ statement, rows });
    connection.execute({ sqlText, binds, ...options, complete });
  });
}

/** The one row of a query. */
async function one(sqlText, binds, options) {
  const { rows } = await run(sqlText, binds, options);
  assert.equal(rows.length, 1);
  return rows[0];
}

before(() => connection.connectAsync());
after(() => new Promise((resolve) => connection.destroy(resolve)));

test("a value of each type", async () => {
  const row = await one(`select 7 as whole, 1.5::number(38,10) as number, 0.25::float as float,
    'é' as text, true as yes, null as nothing, '2025-12-10'::date as day, '16:23:25.5'::time as time,
    '1969-12-31 23:59:58.999'::timestamp_ntz as ntz,
    '2025-12-10 14:00:00.5 +00:00'::timestamp_tz as tz, to_binary('00ff', 'hex') as bytes,
    parse_json('{"a": [1, null, "x"]}') as variant, array_construct(1, 2) as list`);
  const { DAY, NTZ, TZ, BYTES, ...others } = row;
  assert.deepEqual(others, {
    WHOLE: 7,
    NUMBER: 1.5,
    FLOAT: 0.25,
    TEXT: "é",
    YES: true,
    NOTHING: null,
    TIME: "16:23:25",
    VARIANT: { a: [1, null, "x"] },
    LIST: [1, 2],
  });
  assert.deepEqual([...BYTES], [0, 255]);
  const times = ["2025-12-10T00:00:00.000Z", "1969-12-31T23:59:58.999Z", "2025-12-10T14:00:00.500Z"];
  assert.deepEqual([DAY, NTZ, TZ].map((time) => new Date(time).toISOString()), times);
  const shown = ["2025-12-10", "1969-12-31 23:59:58.999", "2025-12-10 14:00:00.500 +0000"];
  assert.deepEqual([DAY, NTZ, TZ].map((time) => time.toJSON()), shown);
});

test("numbers as texts keep their digits", async () => {
  const digits = "12345678901234567890123456789012345678";
  const options = { fetchAsString: ["Number"] };
  const row = await one(`select ${digits} as a, 0::number(38,10) as b`, undefined, options);
  assert.deepEqual(row, { A: digits, B: "0.0000000000" });
});

test("whole numbers as BigInt", async () => {
  await run("alter session set js_treat_integer_as_bigint = true");
  const { A } = await one("select 4611693738694448603 as a");
  await run("alter session unset js_treat_integer_as_bigint");
  assert.equal(String(A), "4611693738694448603");
});

test("bound values, and changes that count their rows", async () => {
  await run("create table bound (i int, f float, s string, b boolean, at timestamp_ntz, v variant)");
  const insert = "insert into bound select ?, ?, ?, ?, ?, parse_json(?)";
  const at = new Date("2025-12-10T16:23:29.721Z");
  const values = [7, 0.5, "it's", true, at, JSON.stringify({ k: 1 })];
  assert.equal((await run(insert, values)).statement.getNumUpdatedRows(), 1);
  assert.equal((await run(insert, Array(6).fill(null))).statement.getNumUpdatedRows(), 1);
  const { rows } = await run("select * from bound order by i nulls last");
  const [{ AT, ...full }, empty] = rows;
  assert.deepEqual(full, { I: 7, F: 0.5, S: "it's", B: true, V: { k: 1 } });
  assert.equal(AT.getTime(), at.getTime());
  assert.deepEqual(Object.values(empty), Array(6).fill(null));

  const several = await run("insert into bound (i, s) values (?, ?)", [[1, "x"], [2, null]]);
  assert.equal(several.statement.getNumUpdatedRows(), 2);
  assert.equal((await run("delete from bound where i < ?", [3])).statement.getNumUpdatedRows(), 2);
  await assert.rejects(run("select ?", [{ k: 1 }]), { code: "000002" });
});

test("errors have Snowflake's number and state", async () => {
  await assert.rejects(run("select * from nowhere"), { code: "002003", sqlState: "42S02" });
  await assert.rejects(run("select 1::float / 3"), { code: "000002" });
});

test("a large result as a stream, and once more by its id", async () => {
  const query = "select seq4() as n, repeat('x', 100) as s from table(generator(rowcount => 50000))";
  const { statement } = await run(query, undefined, { streamResult: true });
  const numbers = [];
  for await (const row of statement.streamRows()) numbers.push(row.N);
  assert.deepEqual(numbers.sort((a, b) => a - b), [...Array(50000).keys()]);

  const queryId = (await run("select 5 as five")).statement.getQueryId();
  const again = await new Promise((resolve, reject) => {
    const complete = (error, _, rows) => (error ? reject(error) : resolve(rows));
    connection.fetchResult({ queryId, complete });
  });
  assert.deepEqual(again, [{ FIVE: 5 }]);
});

test("several statements in one text", async () => {
  const sqlText = "select 1 as a; select 2 as b";
  const parameters = { MULTI_STATEMENT_COUNT: 2 };
  const answers = await new Promise((resolve, reject) => {
    const found = [];
    const complete = (error, statement, rows) => {
      if (error) return reject(error);
      found.push(rows);
      return statement.hasNext() ? statement.NextResult() : resolve(found);
    };
    connection.execute({ sqlText, parameters, complete });
  });
  assert.deepEqual(answers, [[{ A: 1 }], [{ B: 2 }]]);
});

test("HTTPS, with the certificate that NODE_EXTRA_CA_CERTS names", async () => {
  const secure = snowflake.createConnection({
    account: "local",
    accessUrl: `https://127.0.0.1:${process.env.LOCAL_SNOWFLAKE_TLS_PORT}`,
    username: LOCAL_SNOWFLAKE_USER,
    password: LOCAL_SNOWFLAKE_PASSWORD,
  });
  await secure.connectAsync();
  const rows = await new Promise((resolve, reject) => {
    const complete = (error, _, rows) => (error ? reject(error) : resolve(rows));
    secure.execute({ sqlText: "select 5 as five", complete });
  });
  assert.deepEqual(rows, [{ FIVE: 5 }]);
  await new Promise((resolve) => secure.destroy(resolve));
});
