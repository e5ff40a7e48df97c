"""HTTP/1.1 to the server beside us: connections are kept, answers are handed on as they come."""

import asyncio

import h11


class Upstream:
    def __init__(self, port):
        self.port = port
        self.idle = []

    async def ask(self, method, target, headers=(), body=b""):
        """(status, headers, async iterator of the body's parts). @raises OSError where nobody answers"""
        while True:
            is_kept = len(self.idle) > 0
            connection = self.idle.pop() if is_kept else await _Connection.open(self.port)
            try:
                return await self._exchange(connection, method, target, headers, body)
            except (OSError, h11.RemoteProtocolError):
                connection.close()
                # It was closed while nobody used it: the request has not been seen.
                if not is_kept:
                    raise

    async def get(self, target):
        """(status, whole body)"""
        status, _, parts = await self.ask("GET", target)
        return status, b"".join([part async for part in parts])

    async def _exchange(self, connection, method, target, headers, body):
        named = [("host", "127.0.0.1:%d" % self.port), ("content-length", str(len(body)))]
        await connection.send(h11.Request(method=method, target=target, headers=named + list(headers)), body)
        answer = await connection.next_event()
        while isinstance(answer, h11.InformationalResponse):
            answer = await connection.next_event()
        if isinstance(answer, h11.ConnectionClosed):
            raise ConnectionResetError("the connection was closed before an answer")
        return answer.status_code, list(answer.headers), self._parts(connection)

    async def _parts(self, connection):
        is_whole = False
        try:
            while True:
                event = await connection.next_event()
                if isinstance(event, h11.Data):
                    yield bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    is_whole = True
                    return
        finally:
            if is_whole and connection.can_be_used_again():
                self.idle.append(connection)
            else:
                connection.close()


class _Connection:
    @classmethod
    async def open(cls, port):
        self = cls()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.state = h11.Connection(h11.CLIENT)
        return self

    async def send(self, request, body):
        self.writer.write(self.state.send(request) + self.state.send(h11.Data(body)) + self.state.send(h11.EndOfMessage()))
        await self.writer.drain()

    async def next_event(self):
        while True:
            event = self.state.next_event()
            if event is not h11.NEED_DATA:
                return event
            self.state.receive_data(await self.reader.read(65536))

    def can_be_used_again(self):
        if self.state.our_state is not h11.DONE or self.state.their_state is not h11.DONE:
            return False
        self.state.start_next_cycle()
        return True

    def close(self):
        self.writer.close()
