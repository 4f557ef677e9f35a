"""A simulated organisation: what it would report, second by second. It sends nothing itself."""

from vsm_actors.demo.life import Life, Reports
from vsm_actors.demo.moment import Pace
from vsm_actors.demo.organisation import ORGANISATION, Place
from vsm_actors.demo.tempo import Tempo

__all__ = ["ORGANISATION", "Life", "Pace", "Place", "Reports", "Tempo"]
