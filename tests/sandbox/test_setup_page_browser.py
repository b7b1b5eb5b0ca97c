# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner's page in a real browser (R-INV-01, R-INV-07). Without Chromium: skipped here, failed in CI."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandboxlib import PASSWORD, Sandbox

pytestmark = pytest.mark.browser
DRIVER = "/usr/bin/chromedriver"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=900,900",
)


def _without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium with a profile of its own."""
    chromium = shutil.which("chromium")
    if chromium is None or not Path(DRIVER).exists():
        _without("no browser: apt-get install chromium chromium-driver")
    try:
        from selenium import webdriver
    except ImportError:
        _without("no selenium: pip install selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    driver.set_page_load_timeout(20)
    yield driver
    driver.quit()


def submit(browser: Any, password: str, again: str) -> None:
    """Type both passwords, press the button and wait for the next page, as a person does."""
    for name, value in (("password", password), ("password_again", again)):
        field = browser.find_element("id", name)
        field.clear()
        field.send_keys(value)
    browser.execute_script("window.before = true")
    browser.find_element("css selector", "button[type=submit]").click()
    deadline = time.monotonic() + 20
    while not browser.execute_script("return !window.before && document.readyState === 'complete'"):
        if time.monotonic() > deadline:
            raise RuntimeError("the form was not answered")
        time.sleep(0.02)


def text(browser: Any, selector: str) -> str:
    """Return the text of the one element."""
    (found,) = browser.find_elements("css selector", selector)
    return found.text


def test_from_the_mail_to_the_mailbox(browser: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    """Weak, then different, then right: one recovery code, shown once; then the link is dead."""
    domain = sandbox.domain()
    sandbox.invite(domain["id"], "anna.lindqvist", "anna@browser.example")
    link = sandbox.ours("GET", "/outbox?to=anna@browser.example")["data"][-1]["link"]
    browser.get(link)
    assert browser.title == "Set up your mailbox"
    assert f"anna.lindqvist@{domain['name']}" in text(browser, "#address")
    browser.save_screenshot(str(tmp_path / "form.png"))

    submit(browser, "short", "short")
    assert "at least 12 characters" in text(browser, "#password_wrong")
    assert browser.find_element("id", "password").get_attribute("aria-invalid") == "true"
    assert browser.switch_to.active_element.get_attribute("id") == "password"
    browser.save_screenshot(str(tmp_path / "weak.png"))
    submit(browser, "alllowercase123", "alllowercase123")
    assert "uppercase" in text(browser, "#password_wrong")
    submit(browser, PASSWORD, PASSWORD + "x")
    assert "differ" in text(browser, "#password_again_wrong")
    assert browser.find_element("id", "password").get_attribute("value") == ""
    assert sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"] == []

    submit(browser, PASSWORD, PASSWORD)
    assert browser.title == "Your mailbox is ready"
    code = text(browser, "#recovery_code")
    assert re.fullmatch(r"[A-Z2-9]{5}(-[A-Z2-9]{5}){3}", code)
    assert browser.page_source.count(code) == 1
    browser.save_screenshot(str(tmp_path / "done.png"))
    assert sandbox.login(f"anna.lindqvist@{domain['name']}", PASSWORD) == 200

    browser.get(link)
    assert text(browser, "h1") == "This link has been used" and code not in browser.page_source
    browser.save_screenshot(str(tmp_path / "used.png"))


def test_expired_link(browser: Any, sandbox: Sandbox) -> None:
    made = sandbox.invite(sandbox.domain()["id"], expires_in_hours=1)
    sandbox.advance(3601)
    browser.get(made["invite_url"])
    assert text(browser, "h1") == "This link has expired"
    assert not browser.find_elements("tag name", "form")


def test_link_that_expires_while_the_form_is_open(browser: Any, sandbox: Sandbox) -> None:
    made = sandbox.invite(sandbox.domain()["id"], expires_in_hours=1)
    browser.get(made["invite_url"])
    sandbox.advance(3601)
    submit(browser, PASSWORD, PASSWORD)
    assert text(browser, "h1") == "This link has expired"


def test_page_is_whole_without_the_network_and_fits_a_phone(browser: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    """Everything is inline: the style applies under the page's own policy, nothing else is loaded, nothing runs over the edge."""
    made = sandbox.invite(sandbox.domain()["id"], "a-very-long-local-part-that-wraps-somewhere-on-a-small-screen")
    browser.set_window_size(500, 800)
    browser.get(made["invite_url"])
    assert browser.find_element("tag name", "button").value_of_css_property("min-height") == "48px"
    assert (
        browser.execute_script(
            "return performance.getEntriesByType('resource').filter(e => !e.name.endsWith('favicon.ico')).length"
        )
        == 0
    )
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    for field in ("password", "password_again"):
        assert browser.find_element("css selector", f"label[for={field}]").text
    assert browser.find_element("tag name", "html").get_attribute("lang") == "en"
    browser.save_screenshot(str(tmp_path / "phone.png"))
    noise = [entry for entry in browser.get_log("browser") if "favicon" not in entry["message"]]
    assert [entry for entry in noise if "Content Security Policy" in entry["message"]] == []
    browser.set_window_size(900, 900)
