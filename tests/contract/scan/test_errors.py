import pytest

TEXT = "text/plain; charset=UTF-8"
JSON = "application/json"
MALFORMED = "The request content was malformed:\n"


def answer(response):
    return response.status_code, response.headers["content-type"], response.text


def post(api, **body):
    return answer(api.request("POST", "/v2/updates", json=body))


@pytest.mark.parametrize(
    ("page_size", "error"),
    [
        (0, "Limit must be at least 1."),
        (-1, "Limit must be at least 1."),
        (1001, "Exceeded limit maximum (1001 > 1000)."),
        (5000, "Exceeded limit maximum (5000 > 1000)."),
    ],
)
def test_a_page_size_out_of_bounds_is_refused(api, page_size, error):
    assert post(api, page_size=page_size) == (400, JSON, f'{{"error":"{error}"}}')


@pytest.mark.parametrize("page_size", [1, 1000])
def test_page_sizes_at_the_bounds_are_served(generated, page_size):
    assert len(generated.page(page_size)) == page_size


@pytest.mark.parametrize("size", [7, 7.0, "7", "7.0"])
def test_a_size_may_be_a_number_or_the_text_of_one(generated, size):
    response = generated.request("POST", "/v2/updates", json={"page_size": size})
    assert len(response.json()["transactions"]) == 7


@pytest.mark.parametrize("size", ["\u0663", "1_000", "+7", "07", "7.5", ""])
def test_a_text_that_json_does_not_take_for_a_number_is_refused(generated, size):
    response = generated.request("POST", "/v2/updates", json={"page_size": size})
    expected = f"{MALFORMED}DecodingFailure at .page_size: an integer was expected"
    assert answer(response) == (400, TEXT, expected)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param({}, "DecodingFailure at .page_size: Missing required field", id="no size"),
        pytest.param(
            {"page_size": " 10"},
            "DecodingFailure at .page_size: an integer was expected",
            id="text",
        ),
        pytest.param(
            {"page_size": True}, "DecodingFailure at .page_size: an integer was expected", id="bool"
        ),
        pytest.param(
            {"page_size": 2**31},
            "DecodingFailure at .page_size: an integer was expected",
            id="not int32",
        ),
        pytest.param([], "DecodingFailure: an object was expected", id="an array"),
        pytest.param(
            {"page_size": 1, "after": 7},
            "DecodingFailure at .after: an object was expected",
            id="cursor",
        ),
        pytest.param(
            {"page_size": 1, "after": {"after_record_time": "2026-01-01T00:00:00Z"}},
            "DecodingFailure at .after.after_migration_id: Missing required field",
            id="no migration",
        ),
        pytest.param(
            {"page_size": 1, "after": {"after_migration_id": 3}},
            "DecodingFailure at .after.after_record_time: a string was expected",
            id="no record time",
        ),
        pytest.param(
            {"page_size": 1, "daml_value_encoding": "xml"},
            "DecodingFailure at .daml_value_encoding: unknown value",
            id="encoding",
        ),
        pytest.param(
            {"page_size": 1, "daml_value_encoding": []},
            "DecodingFailure at .daml_value_encoding: unknown value",
            id="encoding of another type",
        ),
        pytest.param(
            {"page_size": 1.5},
            "DecodingFailure at .page_size: an integer was expected",
            id="broken",
        ),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_in_text(generated, body, detail):
    response = generated.request("POST", "/v2/updates", json=body)
    assert answer(response) == (400, TEXT, MALFORMED + detail)


def test_a_body_that_is_no_json_is_refused_in_text(generated):
    headers = {"content-type": JSON}
    response = generated.request("POST", "/v2/updates", content=b"{oops", headers=headers)
    assert answer(response)[:2] == (400, TEXT)
    assert response.text.startswith(MALFORMED)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-11-20", "2026-11-20T12:00:00", "2026-13-01T00:00:00Z"]
)
def test_a_cursor_that_is_no_instant_is_refused(generated, text):
    after = {"after_migration_id": 4, "after_record_time": text}
    error = f"Invalid timestamp: Text '{text}' could not be parsed at index 0"
    assert post(generated, page_size=1, after=after) == (400, JSON, f'{{"error":"{error}"}}')


def test_a_missing_body_and_another_content_type_are_refused_in_text(generated):
    assert answer(generated.request("POST", "/v2/updates")) == (
        400,
        TEXT,
        "Request entity expected but not supplied",
    )
    headers = {"content-type": "text/plain"}
    response = generated.request("POST", "/v2/updates", content=b"{}", headers=headers)
    expected = (
        "The request's Content-Type [text/plain] is not supported. Expected:\napplication/json"
    )
    assert answer(response) == (415, TEXT, expected)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v0/transactions"),
        ("POST", "/v2/updates/"),
        ("GET", "/v2/updates/a/b"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "/v0/round-totals"),
        ("POST", "/v0/events/"),
        ("GET", "/v0/wallet-balance"),
    ],
)
def test_unknown_and_removed_paths_are_not_found_in_text(api, method, path):
    expected = (404, TEXT, "The requested resource could not be found.")
    assert answer(api.request(method, path)) == expected


def test_a_known_path_with_another_method_names_the_right_one(generated):
    response = generated.request("GET", "/v2/updates")
    assert answer(response) == (405, TEXT, "HTTP method not allowed, supported methods: POST")
    assert response.headers["allow"] == "POST"
    response = generated.request("POST", "/version")
    assert answer(response) == (405, TEXT, "HTTP method not allowed, supported methods: GET")


def test_an_encoding_that_is_not_mocked_is_refused_loudly(generated):
    body = {"page_size": 1, "daml_value_encoding": "protobuf_json"}
    refusal = '{"error":"This mock serves daml_value_encoding compact_json only."}'
    expected = (501, "application/json", refusal)
    assert answer(generated.request("POST", "/v2/updates", json=body)) == expected
    for path in ("/v2/updates/1220", "/v0/events/1220"):
        query = {"daml_value_encoding": "protobuf_json"}
        assert answer(generated.request("GET", path, params=query)) == expected


def test_an_unknown_encoding_in_a_query_is_refused_in_text(generated):
    for path in ("/v2/updates/1220", "/v0/events/1220"):
        response = generated.request("GET", path, params={"daml_value_encoding": "xml"})
        text = (
            "The query parameter 'daml_value_encoding' was malformed:\nxml is no DamlValueEncoding"
        )
        assert answer(response) == (400, TEXT, text)


def test_a_whole_number_may_be_written_with_a_decimal_point(generated):
    headers = {"content-type": JSON}
    response = generated.request(
        "POST", "/v2/updates", content=b'{"page_size": 2.0}', headers=headers
    )
    assert len(response.json()["transactions"]) == 2


def test_compact_json_may_be_asked_for_by_name(generated):
    body = {"page_size": 1, "after": None, "daml_value_encoding": "compact_json"}
    named = generated.request("POST", "/v2/updates", json=body)
    assert named.content == generated.request("POST", "/v2/updates", json={"page_size": 1}).content
