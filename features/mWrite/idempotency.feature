Feature: A request with the same idempotency key is executed once

  Background:
    Given an empty collection "library:books"
    And a fresh idempotency key

  Scenario: [W5] A repeated request gets the first response
    When I mWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      documents:
        - { _id: dune, body: { title: Dune } }
        - { _id: bad, body: [] }
        - { body: { title: Assigned } }
      """
    And I remember the answer
    Given "library:books" is then overwritten with:
      """
      dune: { title: Changed since }
      """
    When I send it again
    Then the answer is the remembered one, except for its replayed flag
    And "library:books" stores:
      """
      dune: { title: Changed since }
      """
    And "library:books" stores 2 documents

  Scenario: [W5] A rejection is repeated as well
    Given documents in "library:books":
      """
      dune: { title: Dune }
      """
    When I mWrite to "library:books" with { idempotencyKey: ${key}, atomic: true }:
      """
      documents: [{ _id: dune, body: { title: Second }, ifAbsent: true }]
      """
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, code: version_conflict, document: { _id: dune, body: { title: Second } } }
      """
    When I send it again
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, code: version_conflict, document: { _id: dune, body: { title: Second } } }
      """

  Scenario Outline: [W5] Another request with the same key: <difference>
    When I mWrite to "library:books" with { idempotencyKey: ${key}, <first> }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    And I mWrite to "library:books" with { idempotencyKey: ${key}, <second> }:
      """
      documents: [{ _id: dune, body: { title: <title> } }]
      """
    Then it is rejected with 422 "batch.idempotency.mismatch"
    And "library:books" stores:
      """
      dune: { title: Dune }
      """

    Examples:
      | difference | first         | second         | title |
      | body       | strict: true  | strict: true   | Emma  |
      | strict     | strict: true  | strict: false  | Dune  |
      | notify     | source: false | notify: true   | Dune  |

  Scenario: [W5] [R4] Equivalent arguments are the same request
    When I mWrite to "library:books" with { idempotencyKey: ${key}, strict: true }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    And I mWrite to "library:books" with { idempotencyKey: ${key}, strict: "", source: "true" }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then the result matches:
      """
      stats: { replayed: true }
      """

  Scenario: [W5] Fifty concurrent requests are executed once
    When 50 of it are sent at once over two connections:
      """
      controller: batch
      action: mWrite
      index: library
      collection: books
      idempotencyKey: ${key}
      body:
        documents: [{ _id: dune, body: { title: Dune } }, { body: { title: Assigned } }]
      """
    Then one of them was executed, and the others repeat it or say that it runs
    And the result matches:
      """
      successes: [{ _id: dune, _version: 1 }, { _version: 1 }]
      stats: { replayed: true }
      """
    And "library:books" stores 2 documents

  @interference
  Scenario: [W5] While the first request is running, the error says so
    Given the bulk waits for 1200 ms
    When it is sent without waiting:
      """
      controller: batch
      action: mWrite
      index: library
      collection: books
      idempotencyKey: ${key}
      body:
        documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then it is rejected with 409 "batch.idempotency.in_progress"
    And the request sent without waiting succeeds
    When I send it again
    Then the result matches:
      """
      successes: [{ _id: dune }]
      stats: { replayed: true }
      """

  Scenario: [W5] The same key of another user is a different key
    Given "alice" may only:
      | batch:mWrite |
      | bulk:mWrite  |
    When I mWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      documents: [{ body: { title: Mine } }]
      """
    And I am alice
    And I mWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      documents: [{ body: { title: Hers } }]
      """
    Then the result matches:
      """
      successes: [{ _source: { title: Hers }, created: true }]
      stats: { replayed: !absent  }
      """
    And "library:books" stores 2 documents

  Scenario: [W5] [R5] Rights are checked before the first response is repeated
    Given "bob" may only:
      | batch:mWrite |  |
      | bulk:mWrite  | elsewhere |
    And I am bob
    When I mWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then it is rejected with 403 "security.rights.forbidden"

  Scenario: [W5] Anonymous users cannot use a key
    Given anonymous may only:
      | batch:mWrite |
      | bulk:mWrite  |
    And I am anonymous
    When I mWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then it is rejected with 400 naming "idempotencyKey"
    And "library:books" stores nothing

  Scenario: [W5] An atomic batch is repeated with its journal's id
    When I mWrite to "library:books" with { idempotencyKey: ${key}, atomic: true }:
      """
      documents: [{ _id: dune, body: { title: Dune } }, { body: { title: Assigned } }]
      """
    And I remember the answer
    And I send it again
    Then the answer is the remembered one, except for its replayed flag

  Scenario: [W5] An update is executed once
    Given documents in "library:books":
      """
      dune: { title: Dune }
      """
    When I mUpdate in "library:books" with { idempotencyKey: ${key} }:
      """
      documents: [{ _id: dune, body: { edition: 2 } }, { _id: missing, body: { edition: 2 } }]
      """
    And I remember the answer
    And I send it again
    Then the answer is the remembered one, except for its replayed flag

  Scenario Outline: [W5] [R7] A key must be a string: <key>
    When I mWrite to "library:books" with { idempotencyKey: <key> }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then it is rejected with 400 naming "idempotencyKey"

    Examples:
      | key        |
      | !bytes 256 |

  @http
  Scenario: [W5] [D3] The header is equivalent to the argument
    When I POST "/_/batch/library/books/_mWrite" over HTTP with the key as a header:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    And I mWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      documents: [{ _id: dune, body: { title: Dune } }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune, _version: 1 }]
      stats: { replayed: true }
      """
