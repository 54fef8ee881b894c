#!/usr/bin/env python3
"""--report: the data on the page are those of the database; and in a real browser the page draws, can
be walked with mouse and keys, asks nothing of any network, and keeps every name a text."""

import json
import os
import re
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import browser
import e2e_support
import query_support

GIB = 2 ** 30

# The scan is of 2026-03-31. 1774900000 is 2026-03-30, 1500000000 is 2017-07-14, 1700000000 is
# 2023-11-14 (two to three years before).
PLAIN = (b"1 s=%d b=8 u=0 g=0 type=f a=1774900000 -- /data/big/now/f\n"
         b"2 s=%d b=8 u=0 g=0 type=f a=1700000000 -- /data/big/then/f\n"
         b"3 s=%d b=8 u=4294967294 g=7 type=f a=1500000000 -- /data/old/f\n"
         b"4 s=10 b=8 u=0 g=0 type=f a=1774900000 -- /data/here\n"
         b"5 s=0 b=0 u=0 g=0 type=d a=0 -- /data/none\n"
         % (4 * GIB, 2 * GIB, 2 * GIB))

ACCESS_HEADING = "document.getElementById('access-heading').textContent"

HOSTILE = ["<img src=x onerror=alert(1)>", "<!--<script>", "&lt;b&gt;&amp;",
           "\" onfocus=alert(1) autofocus x=\"", "a\u2028b\u2029c", "</title><svg onload=alert(1)>",
           "\u202egnp.exe", "{{1}}", "${alert(1)}", "tab\there", "<\u0301", "'-alert(1)-'",
           "javascript:alert(1)", "__proto__"]


def page_data(html):
    """The data of a page -> {table: [row as a dict]}"""
    text = re.search(rb'<script type="application/json" id="data">(.*?)</script>', html, re.S)[1]
    data = json.loads(text)
    version = data.pop("version")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    return {name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
            for name, table in data.items()}


class ReportCase(query_support.QueryCase):
    def report(self, *options):
        """-> the page's path"""
        path = self.path("report.html")
        self.assertEqual(self.query("--report", path, *options), b"")
        return path


class Data(ReportCase):
    def data(self, *options):
        return page_data(self.read(self.report(*options)))

    def test_by_hand(self):
        self.make_database("plain", PLAIN)
        data = self.data("plain")
        self.assertEqual(data["about"], [{
            "filesystem": "plain", "scanned": "2026-03-31",
            "path": "/data", "roots": 1, "whole": 1, "directories": 6, "files": 4,
            "size": 8 * GIB + 10, "alloc": 4 * 4096, "age_by": "atime"}])
        self.assertEqual([(row["lines"], row["rejected"], row["flawed"], row["scan_errors"],
                           row["excluded"]) for row in data["logs"]], [(5, 0, 0, 0, 0)])
        self.assertEqual([(row["depth"], row["name"], row["size"], row["files_here"])
                          for row in data["tree"]],
                         [(1, "/data", 8 * GIB + 10, 1), (2, "big", 6 * GIB, 0),
                          (3, "now", 4 * GIB, 1), (3, "then", 2 * GIB, 1), (2, "none", 0, 0),
                          (2, "old", 2 * GIB, 1)])
        self.assertEqual([(row["owner"], row["files"], row["size"]) for row in data["owners"]],
                         [(0, 3, 6 * GIB + 10), (4294967294, 1, 2 * GIB)])
        # Half of the cold bytes of /data are below each of two directories: neither holds nearly all.
        self.assertEqual([(row["path"], row["cold_size"], row["cold_files"], row["size"],
                           row["accessed"], row["owner"]) for row in data["cold"]],
                         [("/data", 4 * GIB, 2, 8 * GIB + 10, "2026-03-30 19:46:40", None),
                          ("/data/big/then", 2 * GIB, 1, 2 * GIB, "2023-11-14 22:13:20", 0),
                          ("/data/old", 2 * GIB, 1, 2 * GIB, "2017-07-14 02:40:00", 4294967294)])
        self.assertEqual([(row["owner"], row["cold"]) for row in data["owners"]],
                         [(0, 2 * GIB), (4294967294, 2 * GIB)])
        self.assertEqual({row["label"]: row["size"] for row in data["access"] if row["files"]},
                         {"< 30 days": 4 * GIB + 10, "2-3 years": 2 * GIB, ">= 7 years": 2 * GIB})
        self.assertEqual({row["label"]: row["files"] for row in data["sizes"] if row["files"]},
                         {"< 1 KiB": 1, "1-10 GiB": 3})
        self.assertEqual(len(data["access"]), 10)
        self.assertEqual(len(data["sizes"]), 10)

    def test_a_part(self):
        self.make_database("plain", PLAIN)
        data = self.data("-P", "/data/big", "plain")
        (about,) = data["about"]
        self.assertEqual((about["path"], about["whole"], about["files"], about["size"]),
                         ("/data/big", 0, 2, 6 * GIB))
        self.assertEqual([row["name"] for row in data["tree"]], ["/data/big", "now", "then"])
        self.assertEqual([(row["owner"], row["files"]) for row in data["owners"]], [(0, 2)])
        self.assertEqual([row["path"] for row in data["cold"]], ["/data/big/then"])
        self.assertEqual({row["label"]: row["size"] for row in data["access"] if row["files"]},
                         {"< 30 days": 4 * GIB, "2-3 years": 2 * GIB})
        self.assertEqual({row["label"]: row["files"] for row in data["sizes"] if row["files"]},
                         {"1-10 GiB": 2})

    def test_where_cold_bytes_are(self):
        """Not where a single subdirectory holds nine tenths of them. A file without a time is in
        the oldest bucket."""
        self.make_database("old", b"1 s=5 b=1 u=0 g=0 type=f a=0 -- /d/old/one/f\n"
                                  b"2 s=5 b=1 u=0 g=0 type=f a=0 -- /d/old/two/f\n"
                                  b"3 s=1 b=1 u=0 g=0 type=f a=1774900000 -- /d/f\n"
                                  b"4 s=1 b=1 u=0 g=0 type=f -- /d/unknown/f\n")
        self.assertEqual([(row["path"], row["cold_size"]) for row in self.data("old")["cold"]],
                         [("/d/old", 10), ("/d/old/one", 5), ("/d/old/two", 5), ("/d/unknown", 1)])
        self.assertEqual([row["path"] for row in self.data("-P", "/d/old/one", "old")["cold"]],
                         ["/d/old/one"])

    def test_generated(self):
        log = self.generated_log("some.log", "lustre", e2e_support.scaled(60000, 5000))
        self.make_folder("data")
        self.import_ok("--db", self.path("data", "some.db"), "-f", "some", log)
        data = self.data("some")
        with sqlite3.connect(self.path("data", "some.db")) as database:
            stored = database.execute("SELECT path, depth, total_size_r FROM directories "
                                      "JOIN directory_stats USING (dir_id) "
                                      "ORDER BY total_size_r DESC, dir_id").fetchall()
            (total,) = database.execute("SELECT sum(total_size) FROM owner_summary").fetchone()
            owners = database.execute("SELECT owner_uid, total_files, total_size FROM owner_summary "
                                      "ORDER BY total_size DESC, owner_uid LIMIT 100").fetchall()
            ages = database.execute("SELECT sum(file_count), sum(total_size) FROM access_histogram")
            ages = ages.fetchone()
        line, found = [], set()
        for row in data["tree"]:
            while line and line[-1][0] >= row["depth"]:
                line.pop()
            path = line[-1][1].rstrip("/") + "/" + row["name"] if line else row["name"]
            line.append((row["depth"], path))
            found.add((path, row["depth"], row["size"]))
        self.assertEqual(found, set(stored[:len(found)]))
        self.assertGreaterEqual(len(found), min(len(stored), 1000))
        self.assertEqual(data["about"][0]["size"], total)
        self.assertEqual([(row["owner"], row["files"], row["size"]) for row in data["owners"]],
                         owners)
        self.assertEqual((sum(row["files"] for row in data["access"]),
                          sum(row["size"] for row in data["access"])), ages)

    def test_a_page_is_small_whatever_names_are(self):
        self.make_database("long", b"".join(
            b"%d s=%d b=1 u=0 g=0 type=f a=0 -- /long/%04d%s/f\n" % (i, i + 1, i, b"<" * 251)
            for i in range(3000)))
        path = self.report("long")
        self.assertLess(os.path.getsize(path), 2_000_000)
        tree = page_data(self.read(path))["tree"]
        # Those that there is room for are the largest.
        self.assertGreater(len(tree), 500)
        self.assertEqual(min(row["size"] for row in tree), 3000 - (len(tree) - 2))

    def test_empty(self):
        self.make_database("empty", b"# nothing\n")
        data = self.data("empty")
        self.assertEqual((data["about"][0]["directories"], data["about"][0]["size"]), (0, 0))
        self.assertEqual((data["tree"], data["owners"], data["cold"]), ([], [], []))

    def test_names_are_escaped(self):
        self.make_database("odd", "".join(
            f"{i} s=1 b=1 u=0 g=0 type=f a=0 -- /odd/{name}/f\n"
            for i, name in enumerate(HOSTILE)).encode() +
            b"99 s=1 b=1 u=0 g=0 type=f a=0 -- /odd/\xff\xfe\xc3/f\n")
        html = self.read(self.report("odd"))
        data = html[html.index(b'id="data">') + 10:]
        data = data[:data.index(b"</script>")]
        self.assertNotRegex(data, rb"[<>&\x00-\x09\x0b-\x1f\x7f]|\xe2\x80[\xa8\xa9]")
        names = {row["name"] for row in page_data(html)["tree"]}
        self.assertEqual(names, {"/odd", *(part for name in HOSTILE for part in name.split("/")[:1]),
                                 "title><svg onload=alert(1)>", b"\xff\xfe\xc3".decode(errors="replace")})

    def test_refusals(self):
        self.make_database("plain", PLAIN)
        self.make_database("more", PLAIN)
        old = self.write("old.html", b"old")
        self.assertIn("2 databases", self.refused(2, "--report", old, "all"))
        for options in (["-s"], ["-n", 5], ["--format", "json"], ["-o", "x"], ["--summary"]):
            self.assertIn("--report", self.refused(2, "--report", old, *options, "plain"))
        self.refused(2, "--report", "", "plain")
        self.assertIn("/nowhere", self.refused(1, "--report", old, "-P", "/nowhere", "plain"))
        self.assertEqual(self.read(old), b"old")
        database = self.path("data", "plain.db")
        before = self.read(database)
        self.refused(2, "--report", database, "plain")
        self.assertEqual(self.read(database), before)


TILES = ("[...document.querySelectorAll('#map .tile')].map(tile => "
         "({name: tile.querySelector('.name')?.textContent ?? null, "
         "label: tile.getAttribute('aria-label'), tag: tile.tagName, "
         "tabindex: tile.tabIndex, focus: tile === document.activeElement, "
         "width: tile.offsetWidth, height: tile.offsetHeight}))")
PATH = "[...document.querySelectorAll('#path li')].map(item => item.textContent)"


def table(name):
    return (f"[...document.querySelectorAll('#{name} tbody tr')].map("
            "row => [...row.children].map(cell => cell.textContent))")


@unittest.skipUnless(browser.CHROMIUM, "chromium is not installed")
class InBrowser(ReportCase):
    def open(self, *options):
        page = browser.Page(self.report(*options)).__enter__()
        self.addCleanup(page.__exit__)
        return page

    def names(self, page):
        return [tile["name"] for tile in page.evaluate(TILES)]

    def focused(self, page):
        return [tile["name"] for tile in page.evaluate(TILES) if tile["focus"]]

    def test_it_draws(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        self.assertEqual(page.evaluate("document.title"), "plain \u2013 fstally report")
        self.assertEqual(page.evaluate("document.querySelector('h1').textContent"), "plain")
        self.assertEqual(page.evaluate("document.getElementById('subtitle').textContent"),
                         "Scanned 2026-03-31")
        tiles = page.evaluate(TILES)
        # 10 bytes of 8 GiB have no pixel.
        self.assertEqual([tile["name"] for tile in tiles], ["big", "old"])
        big, old = (tile["width"] * tile["height"] for tile in tiles)
        self.assertAlmostEqual(big / old, 3, delta=0.1)
        self.assertEqual([tile["tag"] for tile in tiles], ["BUTTON", "BUTTON"])
        self.assertEqual([tile["tabindex"] for tile in tiles], [0, -1])
        self.assertEqual(tiles[0]["label"],
                         "big, 6.0 GiB, 75 % of /data, 2 files, last access 2026-03-30, opens")
        self.assertEqual(page.evaluate("document.querySelectorAll('#map .cell').length > 0"), True)
        self.assertEqual(page.evaluate(table("content")), [
            ["big", "", "75 %", "6.0 GiB", "8.0 KiB", "2", "2026-03-30", "root"],
            ["old", "", "25 %", "2.0 GiB", "4.0 KiB", "1", "2017-07-14", "4294967294"],
            ["1 file here", "", "< 0.1 %", "10 B", "4.0 KiB", "1", "2026-03-30", ""],
            ["none", "", "< 0.1 %", "0 B", "0 B", "0", "\u2013", "\u2013"]])
        self.assertEqual(page.evaluate(table("owners")), [
            ["root", "", "75 %", "6.0 GiB", "12.0 KiB", "3", "2026-03-30"],
            ["4294967294", "", "25 %", "2.0 GiB", "4.0 KiB", "1", "2017-07-14"]])
        self.assertEqual([row[:3] for row in page.evaluate(table("cold"))],
                         [["/data", "4.0 GiB", "50 %"], ["/data/big/then", "2.0 GiB", "100 %"],
                          ["/data/old", "2.0 GiB", "100 %"]])
        self.assertEqual(len(page.evaluate(table("access"))), 10)
        self.assertEqual(len(page.evaluate(table("sizes"))), 10)
        self.assertEqual(page.evaluate(ACCESS_HEADING), "Last access")
        self.assertEqual(page.evaluate(
            "[...document.querySelectorAll('th')].filter(cell => !cell.scope).length"), 0)
        self.assertEqual(page.troubles, [])

    def test_ages_by_another_time(self):
        for age_by, heading in (("mtime", "Last modified"), ("latest", "Last used")):
            self.make_database(age_by, PLAIN, "--age-by", age_by)
            self.assertEqual(self.open(age_by).evaluate(ACCESS_HEADING), heading)

    def test_mouse(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        self.assertEqual(page.evaluate(PATH), ["/data"])
        page.click("#map .tile", 0)
        self.assertEqual(page.evaluate(PATH), ["/data", "big"])
        self.assertEqual(self.names(page), ["now", "then"])
        self.assertEqual([row[0] for row in page.evaluate(table("content"))], ["now", "then"])
        page.click("#path button", 0)
        self.assertEqual(page.evaluate(PATH), ["/data"])
        page.click("#content .link", 1)
        self.assertEqual(page.evaluate(PATH), ["/data", "old"])
        self.assertEqual(self.names(page), ["1 file here"])
        # Files open nothing.
        page.click("#map .tile", 0)
        self.assertEqual(page.evaluate(PATH), ["/data", "old"])
        page.click("#path button", 0)
        page.click("[data-measure=files]")
        self.assertEqual(self.names(page)[0], "big")
        self.assertEqual(len(self.names(page)), 3)
        self.assertEqual(page.troubles, [])

    def test_keys(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        for _ in range(10):    # whatever comes before the map
            page.press("Tab")
            if self.focused(page):
                break
        self.assertEqual(self.focused(page), ["big"])
        page.press("ArrowRight")
        self.assertEqual(self.focused(page), ["old"])
        page.press("ArrowRight")    # there is nothing further
        self.assertEqual(self.focused(page), ["old"])
        page.press("ArrowLeft")
        self.assertEqual(self.focused(page), ["big"])
        page.press("End")
        self.assertEqual(self.focused(page), ["old"])
        page.press("Home")
        page.press("Enter")
        self.assertEqual(page.evaluate(PATH), ["/data", "big"])
        self.assertEqual(self.focused(page), ["now"])
        self.assertIn("big, 6.0 GiB", page.evaluate("document.getElementById('said').textContent"))
        page.press("Escape")
        self.assertEqual(page.evaluate(PATH), ["/data"])
        self.assertEqual(self.focused(page), ["big"])
        page.press("Escape")
        self.assertEqual(page.evaluate(PATH), ["/data"])
        self.assertEqual(page.troubles, [])

    def test_names_stay_texts(self):
        names = [name for name in HOSTILE if "/" not in name]
        log = self.write("<img src=x onerror=alert(1)>.log", "".join(
            f"{i} s={1000 - i} b=1 u=0 g=0 type=f a=0 -- /odd/{name}/{name}/f\n"
            f"{i} s={1000 - i} b=1 u=0 g=0 type=f a=0 -- /odd/{name}/g\n"
            for i, name in enumerate(names)).encode())
        database = self.path("odd.db")
        self.import_ok("--db", database, "-f", "<b>odd", "--scan-date", "2026-03-31", log)
        page = self.open(database)
        shown = [name.replace("\t", "\u2409") for name in names]
        self.assertEqual(self.names(page), shown)
        self.assertEqual([row[0] for row in page.evaluate(table("content"))], shown[:12])
        self.assertEqual(page.evaluate("document.querySelector('h1').textContent"), "<b>odd")
        self.assertIn("<img src=x onerror=alert(1)>.log",
                      page.evaluate("document.getElementById('foot').textContent"))
        for i, name in enumerate(shown):
            page.click("#map .tile", i)
            self.assertEqual(page.evaluate(PATH), ["/odd", name])
            page.press("Escape")
        self.assertEqual(page.evaluate("document.querySelectorAll('img, svg, b').length"), 0)
        self.assertEqual(page.evaluate("document.scripts.length"), 2)
        self.assertEqual(page.troubles, [])

    def test_no_other_script_runs(self):
        """Markup that somebody smuggles into the page regardless does nothing."""
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', "
                      "'<a id=smuggled onclick=\"document.title = 1\">x</a>')")
        page.evaluate("document.getElementById('smuggled').click()")
        self.assertEqual(page.evaluate("document.title"), "plain \u2013 fstally report")
        self.assertIn("Content Security Policy", " ".join(page.troubles))

    def test_several_roots_and_hidden_directories(self):
        self.make_database("long", b"".join(
            b"%d s=%d b=1 u=0 g=0 type=f a=0 -- /%04d%s/f\n" % (i, i + 1, i, b"<" * 251)
            for i in range(2000)))
        page = self.open("long")
        self.assertEqual(page.evaluate(PATH), ["/"])
        hidden = [row for row in page.evaluate(table("content")) if "smaller directories" in row[0]]
        self.assertEqual(len(hidden), 1)
        number = int(hidden[0][0].split()[0].replace(",", ""))
        self.assertEqual(hidden[0][5], f"{number:,}")    # each has one file
        self.assertEqual(page.evaluate("document.getElementById('content-more').hidden"), False)
        page.click("#content-more")
        self.assertEqual(len(page.evaluate(table("content"))), 2000 - number + 1)
        self.assertEqual(page.troubles, [])

    def test_nothing_to_draw(self):
        self.make_database("empty", b"# nothing\n")
        page = self.open("empty")
        self.assertEqual(page.evaluate(TILES), [])
        self.assertIn("Nothing", page.evaluate("document.getElementById('map').textContent"))
        self.assertEqual(page.troubles, [])

    def test_dark_and_print(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        background = "getComputedStyle(document.body).backgroundColor"
        text = "getComputedStyle(document.body).color"
        light = page.evaluate(f"[{background}, {text}]")
        page.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark"}])
        dark = page.evaluate(f"[{background}, {text}]")

        def brightness(colour):
            return sum(map(int, re.findall(r"\d+", colour)[:3]))
        self.assertGreater(brightness(light[0]), brightness(light[1]) + 300)
        self.assertGreater(brightness(dark[1]), brightness(dark[0]) + 300)
        page.call("Emulation.setEmulatedMedia", media="print")
        self.assertEqual(page.evaluate("getComputedStyle(document.querySelector('.choice')).display"),
                         "none")
        # The map keeps its shape on paper, which no script lays out anew.
        self.assertEqual(page.evaluate(
            "[...document.querySelectorAll('.tile, .cell')].filter(tile => "
            "!['left', 'top', 'width', 'height'].every(key => tile.style[key].endsWith('%'))).length"),
                         0)
        self.assertEqual(page.troubles, [])


if __name__ == "__main__":
    query_support.main()
