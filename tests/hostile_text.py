"""Texts that would run, load or hide something if a program took them for more than text, and a set made of them.

Whatever runs calls for `MARK`: as a file, as a word of a page's title, or as a request.
"""

import json
from itertools import cycle, islice

MARK = "it_ran"
HOST = "bad.test"

PYTHON = (
    f'"; open("{MARK}", "w").close(); "',
    f"'''+str(open('{MARK}', 'w'))+'''",
    f'\\"+str(open("{MARK}", "w"))+\\"',
    f"\\'); open('{MARK}', 'w') #\\",
    f"x\n\nopen('{MARK}', 'w')\n",
    f"{{open('{MARK}', 'w')}} {{}} {{0}} %s %(x)s",
    f"{{{{ cycler.__init__.__globals__.os.mkdir('{MARK}') }}}}",
    f"{{% set x = open('{MARK}', 'w') %}}",
    f"$(touch {MARK}) `touch {MARK}`; touch {MARK}",
)
HTML = (
    f"<script>document.title='{MARK}'</script>",
    f"<img src=x onerror=\"document.title='{MARK}'\">",
    f"</title><script>document.title='{MARK}'</script>",
    f"</style><script>document.title='{MARK}'</script>",
    f"--><svg onload=\"document.title='{MARK}'\">",
    f'"><iframe src="https://{HOST}/a"></iframe>',
    f"<meta http-equiv=refresh content='0;url=//{HOST}'>",
    f"<link rel=stylesheet href=//{HOST}/a.css>",
    f"<style>*{{background:url(//{HOST}/b)}}</style>",
    f"' style='background:url(//{HOST}/c)' x='",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62;",
    f"<math href='javascript:document.title=\"{MARK}\"'>x",
    f"<base href=//{HOST}><form action=//{HOST}>",
)
MARKDOWN = (
    f"[a](javascript:document.title='{MARK}')",
    "[a](data:text/html,<script>alert(1)</script>)",
    f"![a](https://{HOST}/d.png) # x\n* y",
    f"<javascript:document.title='{MARK}'> <https://{HOST}/e>",
    f"$\\href{{javascript:document.title='{MARK}'}}{{x}}$",
    "$\\text{</math><script>alert(1)</script>}$ $$x$$ \\(y\\)",
    "$\\frac{ \\def\\a{\\a\\a}\\a$ ~~~ ``` | a | b |",
)
FORMULAS = ("=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-2+3+cmd|x!A0", "@SUM(1)", "＝1+1")
ALL = PYTHON + HTML + MARKDOWN + FORMULAS

# Where a set may have text, by its place; `#` is a text.
_SET = """
title: #
description: #
extends: timeline
assumptions:
  assumption: #
  note: #
  chips:
    ref: {label: #, note: #}
    other: {label: #, price: {value: 15000, source: [#], note: #, as_of: #}}
  sites: {home: {label: #, assumption: #}}
  channels:
    counterfactual: {label: #, assumption: #}
    licensed: {label: #, note: #, logistics_cost: {value: 90, assumption: #, note: #}}
    gray: {label: #, source: [HOSTILE, #]}
    cloud: {label: #}
    domestic: {label: #}
correlations:
  - {parameters: [finance.discount_rate, channels.gray.price_markup], rank: 0.2, assumption: #, source: [#]}
decisions:
  buy:
    title: #
    assumption: #
    options: {gray: {channel: gray, label: #, assumption: #}, cloud: {channel: cloud, label: #, cost: 0.1, source: #}}
levers:
  penalty: {label: #, paths: [channels.gray.penalty], range: [0, 1000], assumption: #}
timeline:
  events:
    - {date: "2027-05", label: #, assumption: #, note: #, set: {channels.gray.penalty: {value: 100, assumption: #}}}
observations:
  - {date: "2027-04", outcome: server_ratio.gray, value: 1.3, label: #, assumption: #, note: #, source: #}
run: {draws: 256}
"""
FIELDS = _SET.count("#")


def hostile_set(texts: tuple[str, ...] = ALL, first: int = 0) -> str:
    """A valid set in which each text in turn stands in every place, beginning with one of them."""
    parts = _SET.lstrip().split("#")
    chosen = islice(cycle(texts), first, None)
    return parts[0] + "".join(json.dumps(text) + part for text, part in zip(chosen, parts[1:], strict=False))


SOURCES = f"""id,title,publisher,url,date,grade
X,<script>document.title='{MARK}'</script>,<img src=x onerror=document.title='{MARK}'>,https://ok.example/"><b>,2026,A
HOSTILE,[a](javascript:document.title='{MARK}'),$\\frac{{$ <b>,https://ok.example/' onclick='x,</td><b>,"<i>"
"""
