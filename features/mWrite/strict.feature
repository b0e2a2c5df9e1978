Feature: Any validation error stops a strict mWrite before anything is written

  Background:
    Given a collection "library:books" with the mapping:
      """
      dynamic: strict
      properties:
        title: { type: text }
        stock: { type: integer }
        odd: { type: integer, ignore_malformed: true }
        author: { properties: { name: { type: keyword } } }
        released: { type: date }
      """

  Scenario Outline: [W2] [R7] After one validation error nothing is written: <document>
    When I mWrite to "library:books" with { strict: true }:
      """
      documents:
        - { _id: good, body: { title: Good } }
        - <document>
        - { _id: fine, body: { title: Fine } }
      """
    Then it is rejected with 400 and the errors:
      """
      - { position: 1, status: 400, code: <code>, retryable: false, document: !any , reason: !string }
      """
    And "library:books" stores nothing

    Examples:
      | document                                             | code    |
      | { _id: "", body: { title: Empty id } }               | invalid |
      | { _id: 7, body: { title: Number id } }               | invalid |
      | { _id: !bytes 513, body: { title: Long id } }        | invalid |
      | { _id: seed, _source: { title: Not a body } }        | invalid |
      | { _id: list, body: [] }                              | invalid |
      | { _id: half, body: { title: Half }, ifSeqNo: 1 }     | invalid |
      | { _id: extra, body: { unknown: field } }             | mapping |
      | { _id: extra, body: { author: { unknown: field } } } | mapping |
      | { _id: flat, body: { author: Herbert } }             | mapping |
      | { _id: deep, body: { stock: { count: 3 } } }         | mapping |
      | { _id: word, body: { stock: plenty } }               | mapping |

  Scenario: [W2] All validation errors are reported at once, in order
    When I mWrite to "library:books" with { strict: true }:
      """
      documents:
        - { _id: a, body: { stock: plenty } }
        - { _id: b, body: { title: Good } }
        - { _id: "", body: { title: Empty id } }
        - { _id: c, body: [] }
        - { _id: d, body: { unknown: field } }
      """
    Then it is rejected with 400 and the errors:
      """
      - { position: 0, code: mapping, document: { _id: a, body: { stock: plenty } } }
      - { position: 2, code: invalid }
      - { position: 3, code: invalid, document: { _id: c } }
      - { position: 4, code: mapping }
      """
    And "library:books" stores nothing

  Scenario: [W2] Validation rejects nothing that the engine accepts
    When I mWrite to "library:books" with { strict: true }:
      """
      documents:
        - { _id: number-as-text, body: { stock: "3" } }
        - { _id: rounded, body: { stock: 3.7 } }
        - { _id: list, body: { stock: [1, "2", null] } }
        - { _id: malformed, body: { odd: plenty } }
        - { _id: objects, body: { author: [{ name: a }, { name: b }, null] } }
        - { _id: nothing, body: { author: null, stock: null } }
        - { _id: dotted, body: { author.name: Herbert } }
        - { _id: number-for-text, body: { title: 7 } }
        - { _id: "7", body: {} }
        - { body: { title: Assigned } }
      """
    Then the result matches:
      """
      errors: []
      stats: { written: 10 }
      """
    And "library:books" stores 10 documents

  Scenario: [W2] [R8] Errors that only the engine detects are reported afterwards, and the others are written
    Given a client is subscribed to "library:books"
    When I mWrite to "library:books" with { strict: true, notify: true }:
      """
      documents:
        - { _id: a, body: { released: "1965-08-01" } }
        - { _id: b, body: { released: some day } }
        - { _id: c, body: { released: "1815-12-23" } }
      """
    Then it is rejected with 400 "batch.write.incomplete" and the errors:
      """
      - { position: 1, status: 400, code: mapping, retryable: false, document: { _id: b, body: { released: some day } } }
      """
    And "library:books" stores:
      """
      a: { released: "1965-08-01" }
      b: null
      c: { released: "1815-12-23" }
      """
    And the subscriber is notified of:
      """
      - { event: write, result: { _id: a } }
      - { event: write, result: { _id: c } }
      """

  Scenario: [W2] [R8] Only the engine detects a condition that does not hold
    Given documents in "library:books":
      """
      a: { title: First }
      """
    When I mWrite to "library:books" with { strict: true }:
      """
      documents:
        - { _id: a, body: { title: Second }, ifAbsent: true }
        - { _id: b, body: { title: Second } }
      """
    Then it is rejected with 400 "batch.write.incomplete" and the errors:
      """
      - { position: 0, status: 409, code: version_conflict, retryable: false, document: { _id: a } }
      """
    And "library:books" stores exactly:
      """
      a: { title: First }
      b: { title: Second }
      """

  Scenario: [W2] Validation reads the mapping again before it rejects
    When I mWrite to "library:books" with { strict: true }:
      """
      documents: [{ _id: a, body: { later: 1 } }]
      """
    Then it is rejected with 400 and the errors:
      """
      - { position: 0, code: mapping }
      """
    Given the mapping of "library:books" gains:
      """
      properties: { later: { type: integer } }
      """
    When I mWrite to "library:books" with { strict: true }:
      """
      documents: [{ _id: a, body: { later: 1 } }]
      """
    Then the result matches:
      """
      successes: [{ _id: a }]
      """

  Scenario: [W1] Without strict, only invalid documents are rejected
    When I mWrite to "library:books":
      """
      documents:
        - { _id: a, body: { stock: plenty } }
        - { _id: b, body: { title: Good } }
        - { _id: c, body: { unknown: field } }
      """
    Then the result matches:
      """
      successes: [{ _id: b, position: 1 }]
      errors: [{ position: 0, code: mapping }, { position: 2, code: mapping }]
      """

  Scenario Outline: [R4] Strict as <strict> is strict: <rejected>
    When I mWrite to "library:books" with { strict: <strict> }:
      """
      documents: [{ _id: good, body: {} }, { _id: bad, body: [] }]
      """
    Then "library:books" stores <count> documents

    Examples:
      | strict  | rejected | count |
      | true    | yes      | 0     |
      | "true"  | yes      | 0     |
      | ""      | yes      | 0     |
      | false   | no       | 1     |
      | "false" | no       | 1     |

  @http
  Scenario Outline: [R4] Over HTTP ?<query> writes <count> of two
    When I POST "/_/batch/library/books/_mWrite?<query>" over HTTP:
      """
      documents: [{ _id: good, body: {} }, { _id: bad, body: [] }]
      """
    Then "library:books" stores <count> documents

    Examples:
      | query        | count |
      | strict       | 0     |
      | strict=      | 0     |
      | strict=true  | 0     |
      | strict=false | 1     |

  Scenario: [W2] A changed mapping takes effect at once
    Given an empty collection "library:shelves"
    When I mWrite to "library:shelves" with { strict: true }:
      """
      documents:
        - { _id: first, body: { title: First } }
      """
    Then the result's "successes" has 1 entries
    Given the mapping of "library:shelves" gains:
      """
      dynamic: strict
      """
    When I mWrite to "library:shelves" with { strict: true }:
      """
      documents:
        - { _id: good, body: { title: Good } }
        - { _id: extra, body: { unknown: field } }
      """
    Then it is rejected with 400 and the errors:
      """
      - { position: 1, code: mapping }
      """
    And "library:shelves" stores 1 documents
