"""Where things are. Its import is the first one of a program or a test here: it lets Python find the packages of other
folders."""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ALL = [HERE, *(os.path.join(ROOT, *parts) for parts in (("tests", "control-plane"), ("tests", "system"), ("scripts",)))]

sys.path[:0] = ALL
