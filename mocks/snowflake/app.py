"""The HTTP interface of the connector: one small function a route.

Every answer but an upload's is HTTP 200 with ``success`` in its body: at an HTTP 500 the connector
would send the same request again until its network timeout.
"""

import asyncio
import contextlib
import gzip
import hashlib
import hmac
import json
import logging
import os
import secrets
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

import anyio.to_thread
import duckdb
from fakesnow.transforms import SERVER_VERSION
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from mocks.page import POLICY
from mocks.snowflake import answers, cancellation, console, names, queries, users
from mocks.snowflake.connection import LocalConnection
from mocks.snowflake.copies import copied
from mocks.snowflake.errors import StatementFailed, internal
from mocks.snowflake.identity import Identity
from mocks.snowflake.login import Credentials
from mocks.snowflake.sessions import Answer, Session, Sessions
from mocks.snowflake.storage import FolderRefused
from mocks.snowflake.warehouse import Warehouse

REAP_SECONDS = 15.0
_SIGNED_HEADERS = "X-Goog-SignedHeaders=" + quote(
    "host;x-goog-if-generation-match;x-goog-meta-encryptiondata;x-goog-meta-matdesc"
    ";x-goog-meta-sfc-digest"
)
"""Headers of an upload without OVERWRITE: the connector sends those that the URL names."""
THREADS = 200  # a statement that waits for a lock keeps one
log = logging.getLogger("mocks.snowflake")


class Server:
    """The routes, over one warehouse."""

    def __init__(self, warehouse: Warehouse, credentials: Credentials, idle_seconds: float) -> None:
        self._warehouse = warehouse
        self._credentials = credentials
        self._idle_seconds = idle_seconds
        self._sessions = Sessions(idle_seconds)
        self._upload_key = secrets.token_bytes(32)

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/", self.console, methods=["GET"]),
            Route("/health", self.health, methods=["GET"]),
            Route("/session/v1/login-request", self.login, methods=["POST"]),
            Route("/session", self.session, methods=["POST"]),
            Route("/session/heartbeat", self.heartbeat, methods=["POST"]),
            Route("/queries/v1/query-request", self.query, methods=["POST"]),
            Route("/queries/v1/abort-request", self.abort, methods=["POST"]),
            Route("/queries/{query_id}/abort-request", self.abort_query, methods=["POST"]),
            Route("/queries/{query_id}/result", self.result, methods=["GET"]),
            Route("/monitoring/queries/{query_id}", self.monitoring, methods=["GET"]),
            Route("/telemetry/send", self.telemetry, methods=["POST"]),
            Route("/upload/{path:path}", self.upload, methods=["PUT"]),
            Route("/download/{path:path}", self.download, methods=["GET"]),
            Route("/certificate", self.certificate, methods=["GET"]),
            Route("/copy", self.copy, methods=["GET"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        reaper = asyncio.create_task(self._end_idle_sessions())
        yield
        reaper.cancel()
        await run_in_threadpool(self._sessions.end_all)
        await run_in_threadpool(self._warehouse.close)

    async def _end_idle_sessions(self) -> None:
        while True:
            await asyncio.sleep(min(self._idle_seconds / 4, REAP_SECONDS))
            await run_in_threadpool(self._sessions.end_idle)
            await run_in_threadpool(self._rest)

    def _rest(self) -> None:
        with self._sessions.just_over() as are_over:
            try:
                if are_over:
                    self._warehouse.rest()
            except duckdb.Error:  # sessions go on to end; /health tells the rest
                log.exception("memory could not be given back")
            except FolderRefused as error:
                _end(error)

    async def console(self, _: Request) -> HTMLResponse:
        """The console page."""
        shown = await run_in_threadpool(console.page, self._warehouse, self._sessions)
        return HTMLResponse(shown, headers=POLICY)

    async def health(self, _: Request) -> JSONResponse:
        """200 when every database answers, 503 when one doesn't."""
        try:
            await run_in_threadpool(self._warehouse.probe)
        except duckdb.Error as error:
            return JSONResponse({"ok": False, "error": str(error)}, status_code=503)
        return JSONResponse({"ok": True, "sessions": len(self._sessions)})

    async def certificate(self, _: Request) -> Response:
        """The certificate of HTTPS, for clients to trust; 404 where HTTPS isn't answered."""
        file = self._warehouse.folder.certificate
        return FileResponse(file) if file.exists() else Response(status_code=404)

    async def login(self, request: Request) -> JSONResponse:
        """A session for the right credentials."""
        body = await _body(request)
        opened: list[Session] = []
        answer = await _answer(
            lambda: self._open(body["data"], dict(request.query_params), opened.append)
        )
        if await request.is_disconnected():  # a client that gave up asks anew, and ends that alone
            for session in opened:
                await run_in_threadpool(self._sessions.end, session.token)
        return answer

    def _open(
        self, login: dict[str, object], asked: dict[str, str], keep: Callable[[Session], None]
    ) -> Answer:
        session = self._sessions.open(lambda: self._connect(login, asked))
        keep(session)
        connection, identity = session.connection, session.connection.identity
        for name, value in dict(login.get("SESSION_PARAMETERS") or {}).items():  # type: ignore[call-overload]
            connection.parameters.set(name, value)
        log.info("session of %s opened", identity.user)
        return answers.success(
            {
                "token": session.token,
                # A master token is what makes the connector end its session when it is closed.
                "masterToken": session.token,
                "validityInSeconds": 3600,
                "masterValidityInSeconds": 14400,
                "sessionId": identity.session_id,
                "serverVersion": SERVER_VERSION,
                "parameters": queries.session_parameters(connection),
                "sessionInfo": queries.session_state(connection, prefix=""),
            }
        )

    def _connect(self, login: dict[str, object], asked: dict[str, str]) -> LocalConnection:
        """A connection for the right credentials; not while the databases are opened anew."""
        with contextlib.closing(self._warehouse.duck_conn.cursor()) as duck:
            known = users.logged_in(duck, login)
        if known is None:
            self._credentials.check(login)
            known = (self._credentials.user, None, None, None)
        user, role, warehouse, namespace = known
        identity = Identity(
            user=user,
            role=_folded(asked.get("roleName") or role) or "PUBLIC",
            warehouse=_folded(asked.get("warehouse") or warehouse),
            session_id=secrets.randbelow(10**12),
            driver=str(login.get("CLIENT_APP_ID", "")),
        )
        place = (asked.get("databaseName"), asked.get("schemaName"))
        if namespace and not any(place):
            place = (*namespace.split("."), None)[:2]
        return self._warehouse.connect(*map(_folded, place), identity=identity)

    async def session(self, request: Request) -> JSONResponse:
        """The end of a session, when it is asked for."""
        if request.query_params.get("delete") == "true":
            return await _answer(lambda: answers.success(self._sessions.end(_token(request))))
        return await self.heartbeat(request)

    async def heartbeat(self, request: Request) -> JSONResponse:
        """Keeps a session that would be idle."""
        return await _answer(lambda: answers.success(self._session(request) and None))

    async def query(self, request: Request) -> JSONResponse:
        """Run a statement."""
        body = await _body(request)
        request_id = request.query_params.get("requestId", "") or secrets.token_hex(8)
        base_url = f"{request.url.scheme}://{request.url.netloc}"

        def run() -> Answer:
            session = self._session(request)
            if cancellation.asked(body.get("sqlText")):  # what it stops has the session's turn
                return queries.answer(session.connection, body)
            return session.answer_once(
                request_id,
                lambda: self._signed(base_url, queries.answer(session.connection, body)),
            )

        return await _answer(run)

    async def abort(self, request: Request) -> JSONResponse:
        """Stop a running statement."""
        body = await _body(request)
        return await _answer(
            lambda: answers.success(self._session(request).cancel(str(body.get("requestId", ""))))
        )

    async def abort_query(self, request: Request) -> JSONResponse:
        """Stop a running statement, named by its query id."""
        query_id = request.path_params["query_id"]
        return await _answer(
            lambda: cancellation.abort(self._session(request).connection, query_id)
        )

    async def result(self, request: Request) -> JSONResponse:
        """A result that is still kept."""
        query_id = request.path_params["query_id"]
        return await _answer(lambda: queries.kept(self._session(request).connection, query_id))

    async def monitoring(self, request: Request) -> JSONResponse:
        """The status of a statement: running, succeeded or failed."""
        query_id = request.path_params["query_id"]
        return await _answer(
            lambda: cancellation.state(self._session(request).connection, query_id)
        )

    async def telemetry(self, _: Request) -> JSONResponse:
        """Heard, and forgotten."""
        return JSONResponse(answers.success())

    async def upload(self, request: Request) -> Response:
        """Store a file that PUT has given a signed URL for."""
        path = request.path_params["path"]
        if not hmac.compare_digest(request.query_params.get("signature", ""), self._sign(path)):
            return Response(status_code=403)
        await run_in_threadpool(self._store, path, await request.body())
        return Response()

    async def download(self, request: Request) -> Response:
        """A file that GET has given a signed URL for."""
        path = request.path_params["path"]
        signature = request.query_params.get("signature", "")
        if not hmac.compare_digest(signature, self._sign(f"download {path}")):
            return Response(status_code=403)
        return FileResponse(self._warehouse.folder.stages / path)

    def _store(self, path: str, content: bytes) -> None:
        target = self._warehouse.folder.stages / path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        partial.write_bytes(content)
        partial.rename(target)

    async def copy(self, request: Request) -> Response:
        """All that is kept, as one moment shows it, for who is logged in; no Snowflake has this."""
        if not self._sessions.knows(_token(request)):
            return Response(status_code=403)
        held = contextlib.ExitStack()
        file = await run_in_threadpool(held.enter_context, copied(self._warehouse))
        return FileResponse(file, background=BackgroundTask(held.close))

    def _signed(self, base_url: str, answer: Answer) -> Answer:
        """Give a PUT's answer the URL to upload to: this server, as if it were Google's storage.

        Google's is the one storage whose clients upload with a plain HTTP PUT.
        """
        data = answer["data"]
        if isinstance(data, dict) and (path := data.pop("upload_path", None)) is not None:
            url = f"{base_url}/upload/{quote(path)}?signature={self._sign(path)}&{_SIGNED_HEADERS}"
            data["stageInfo"] |= {"presignedUrl": url}
        if isinstance(data, dict) and (paths := data.pop("download_paths", None)) is not None:
            data["presignedUrls"] = [
                f"{base_url}/download/{quote(path)}?signature={self._sign(f'download {path}')}"
                for path in paths
            ]
        return answer

    def _sign(self, path: str) -> str:
        return hmac.new(self._upload_key, path.encode(), hashlib.sha256).hexdigest()

    def _session(self, request: Request) -> Session:
        return self._sessions.of(_token(request))


def _end(error: FolderRefused) -> None:
    """End the process: no session could be opened any more, and a start opens all files anew."""
    sys.stderr.write(f"snowflake: a database was lost, so the server ends: {error}\n")
    sys.stderr.flush()
    os._exit(os.EX_IOERR)


def _token(request: Request) -> str:
    return request.headers.get("Authorization", "")[len('Snowflake Token="') : -1]


def _folded(name: str | None) -> str | None:
    """A name from the connection's parameters, as an identifier: unquoted ones are upper case.

    None, as for a name that doesn't exist, where it can't exist here (see names.py).
    """
    if not name:
        return None
    folded = name[1:-1] if name.startswith('"') and name.endswith('"') else name.upper()
    return folded if names.QUOTES.isdisjoint(folded) else None


async def _body(request: Request) -> dict:
    body = await request.body()
    try:
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        found = json.loads(body or b"{}")
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise HTTPException(400, f"the body can't be read: {error}") from error
    if not isinstance(found, dict):
        raise HTTPException(400, "the body is no JSON object")
    return found


async def _answer(run: Callable[[], Answer]) -> JSONResponse:
    return JSONResponse(await run_in_threadpool(_guarded, run))


def _guarded(run: Callable[[], Answer]) -> Answer:
    try:
        return run()
    except StatementFailed as error:
        return answers.failure(error)
    except Exception as error:  # the server's outermost edge: a fault of ours becomes an answer
        log.exception("a request failed")
        return answers.failure(internal(error))
