"""Windows: what batches are reduced to, the law by which they merge, and how they are read."""

from vsm_actors.core.window.model import Cells, Frame, Members, Ordinals, Window

__all__ = ["Cells", "Frame", "Members", "Ordinals", "Window"]
