"""Requests that arrive together, predicted together: for programs that define predict_batch_fn(inputs, model)."""

import asyncio
import os


class Batcher:
    """Collects inputs until TIDEGATE_BATCH_SIZE are there or the first has waited TIDEGATE_BATCH_WAIT_MS."""

    def __init__(self, predict):
        self.predict_batch = predict
        self.size = int(os.environ.get("TIDEGATE_BATCH_SIZE") or 32)
        self.wait = float(os.environ.get("TIDEGATE_BATCH_WAIT_MS") or 5) / 1000
        self.waiting = []
        self.timer = None

    async def predict(self, data):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.waiting.append((data, future))
        if len(self.waiting) >= self.size:
            self._send()
        elif self.timer is None:
            self.timer = loop.call_later(self.wait, self._send)
        return await future

    def _send(self):
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        batch, self.waiting = self.waiting, []
        if batch:
            asyncio.ensure_future(self._run(batch))

    async def _run(self, batch):
        try:
            results = await self.predict_batch([data for data, _ in batch])
        except Exception as error:
            results = None
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        for (_, future), result in zip(batch, results or []):
            if not future.done():
                future.set_result(result)
