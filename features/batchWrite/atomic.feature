Feature: An atomic batchWrite is executed in all its collections or not at all

  Background:
    Given a collection "library:books" with the mapping:
      """
      properties:
        title: { type: keyword }
        released: { type: date }
      """
    And documents in "library:books":
      """
      dune: { title: Dune, stock: 3, author: { name: Herbert } }
      emma: { title: Emma }
      """
    And "library:books" stores the text of "odd":
      """
      { "title" : "by hand", "beyond 2^53": 9007199254740993, "exponent": 1.50e2, "deep": { "n": 1.10 } }
      """
    And documents in "library:films":
      """
      alien: { title: Alien }
      """

  Scenario: [M3] [W3] All of it is done, in all collections
    When I batchWrite to "library:books" with { atomic: true, source: true }:
      """
      operations:
        - create: { collection: films, _id: brazil, body: { title: Brazil } }
        - createOrReplace: { collection: films, _id: clue, body: { title: Clue } }
        - replace: { _id: emma, body: { title: Emma again } }
        - update: { _id: dune, body: { stock: 2, author: { born: 1920 } } }
        - upsert: { _id: ulysses, changes: { stock: 1 }, default: { title: Ulysses } }
        - upsert: { _id: odd, changes: { deep: { m: 1 } } }
        - delete: { collection: films, _id: alien }
        - write: { collection: films, _id: dune, body: { title: The film } }
      """
    Then the result matches:
      """
      atomic: { state: committed, journalId: !string }
      results:
        - { position: 0, op: create, collection: films, status: 201, result: created, _version: 1, _source: { title: Brazil } }
        - { position: 1, op: createOrReplace, status: 201 }
        - { position: 2, op: replace, status: 200, result: updated, _version: 2 }
        - { position: 3, op: update, status: 200, _source: { title: Dune, stock: 2, author: { name: Herbert, born: 1920 } } }
        - { position: 4, op: upsert, status: 201, result: created }
        - { position: 5, op: upsert, status: 200 }
        - { position: 6, op: delete, status: 200, result: deleted, _source: !absent }
        - { position: 7, op: write, status: 201 }
      errors: []
      stats: { requested: 8, written: 8 }
      """
    And "library:books" stores:
      """
      dune: { title: Dune, stock: 2, author: { name: Herbert, born: 1920 }, _kuzzle_info: { updatedAt: !integer } }
      emma: { title: Emma again, _kuzzle_info: { createdAt: !integer } }
      ulysses: { title: Ulysses, stock: 1 }
      odd: { title: by hand, deep: { n: 1.1, m: 1 } }
      """
    And "library:films" stores:
      """
      alien: null
      brazil: { title: Brazil }
      dune: { title: The film, _kuzzle_info: !absent  }
      """
    And no journal is pending

  Scenario Outline: [M3] [W3] If one operation fails, everything is restored byte for byte: <operation>
    Given I remember "library:books" byte for byte
    And a client is subscribed to "library:books"
    When I batchWrite to "library:books" with { atomic: true }:
      """
      operations:
        - delete: { _id: odd }
        - update: { _id: dune, body: { stock: 0 } }
        - create: { _id: ulysses, body: { title: Ulysses } }
        - delete: { collection: films, _id: alien }
        - <operation>
      """
    Then it is rejected with 409 "batch.write.rolled_back" and the errors:
      """
      - { position: 0, op: delete, collection: books, status: 409, code: other, document: { _id: odd } }
      - { position: 1, op: update, status: 409, code: other }
      - { position: 2, op: create, status: 409, code: other }
      - { position: 3, op: delete, collection: films, status: 409, code: other }
      - { position: 4, status: <status>, code: <code> }
      """
    And "library:books" is byte for byte as it was
    And "library:films" stores:
      """
      alien: { title: Alien }
      """
    And the subscriber is not notified
    And no journal is pending

    Examples:
      | operation                                            | status | code             |
      | write: { _id: late, body: { released: some day } }   | 400    | mapping          |
      | update: { _id: emma, body: { released: some day } }  | 400    | mapping          |
      | create: { _id: emma, body: {} }                      | 400    | version_conflict |
      | replace: { _id: nowhere, body: {} }                  | 404    | not_found        |
      | update: { _id: nowhere, body: {} }                   | 404    | not_found        |
      | delete: { _id: nowhere }                             | 404    | not_found        |
      | delete: { _id: emma, ifSeqNo: 99, ifPrimaryTerm: 1 } | 409    | version_conflict |

  Scenario: [M3] [W3] A document may have only one operation
    When I batchWrite to "library:books" with { atomic: true }:
      """
      operations:
        - delete: { _id: dune }
        - delete: { collection: films, _id: dune }
        - create: { _id: dune, body: {} }
      """
    Then it is rejected with 400 "batch.write.refused" and the errors:
      """
      - { position: 2, op: create, code: invalid, reason: !match /operations.0..delete has this one/ }
      """
    And "library:books" stores:
      """
      dune: { stock: 3 }
      """

  Scenario: [M3] [M1] Subscribers are notified after the commit
    Given a client is subscribed to "library:books"
    When I batchWrite to "library:books" with { atomic: true }:
      """
      operations:
        - delete: { _id: emma }
        - create: { _id: ulysses, body: { title: Ulysses } }
      """
    Then the subscriber is notified of:
      """
      - { event: delete, scope: out, result: { _id: emma, _source: { title: Emma } } }
      - { event: write, scope: in, result: { _id: ulysses, _source: { title: Ulysses } } }
      """

  @interference
  Scenario: [M3] [W3] A deleted document that another client has written again is left and named
    Given another client writes just before the rollback:
      """
      emma: { title: Elsewhere }
      """
    When I batchWrite to "library:books" with { atomic: true }:
      """
      operations:
        - delete: { _id: emma }
        - delete: { _id: dune }
        - write: { _id: late, body: { released: some day } }
      """
    Then it is rejected with 500 "batch.write.rollback_incomplete" and the errors:
      """
      - { position: 0, op: delete, code: version_conflict, document: { _id: emma } }
      - { position: 1, code: other }
      - { position: 2, code: mapping }
      """
    And "library:books" stores:
      """
      emma: { title: Elsewhere }
      dune: { title: Dune, stock: 3 }
      """
