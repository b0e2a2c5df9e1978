Feature: mUpdate reports what happened to each document

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, stock: 3, author: { name: Herbert, born: 1920 } }
      emma: { title: Emma, stock: 1 }
      """

  Scenario: [R1] [R3] [I1] Each result states what the engine did
    When I mUpdate in "library:books":
      """
      documents:
        - { _id: emma, body: { stock: 0 } }
        - { _id: dune, body: { stock: 2, author: { born: null } } }
      """
    Then the result matches:
      """
      successes:
        - _id: emma
          _version: 2
          _seq_no: !integer
          _primary_term: !integer
          _shards: { total: !integer , successful: !integer , failed: 0 }
          result: updated
          attempts: 1
          position: 0
          _source: !absent
        - { _id: dune, _version: 2, result: updated, attempts: 1, position: 1 }
      errors: []
      stats: { requested: 2, updated: 2, errors: 0, conflicts: 0, retries: 0, engineCalls: 1 }
      """
    And "library:books" stores:
      """
      emma: { title: Emma, stock: 0 }
      dune: { title: Dune, stock: 2, author: { name: Herbert, born: null } }
      """

  Scenario Outline: [U3] [R4] With source <source> the whole document is returned
    When I mUpdate in "library:books" with { source: <source> }:
      """
      documents: [{ _id: emma, body: { stock: 0 } }]
      """
    Then the result matches:
      """
      successes: [{ _id: emma, _source: { title: Emma, stock: 0 } }]
      """

    Examples:
      | source |
      | true   |
      | "true" |
      | ""     |

  Scenario Outline: [U3] [R4] With source <source> it does not
    When I mUpdate in "library:books" with { source: <source> }:
      """
      documents: [{ _id: emma, body: { stock: 0 } }]
      """
    Then the result matches:
      """
      successes: [{ _id: emma, _source: !absent }]
      """

    Examples:
      | source  |
      | false   |
      | "false" |

  Scenario: [U1] The metadata is Kuzzle's, never the caller's
    Given "editor" may only:
      | batch:mUpdate    |
      | document:mUpdate |
    And I am editor
    When I mUpdate in "library:books" with { source: true }:
      """
      documents:
        - _id: emma
          body: { stock: 0, _kuzzle_info: { updater: somebody, author: somebody, other: thing } }
        - { _id: dune, body: { _kuzzle_info: { updater: somebody } } }
      """
    Then the result matches:
      """
      successes:
        - _id: emma
          _source:
            stock: 0
            _kuzzle_info: { updater: !match /^features-/ , updatedAt: !integer , author: !absent , other: !absent }
        - { _id: dune, _source: { _kuzzle_info: { updater: !match /^features-/ , updatedAt: !integer } } }
      """

  Scenario: [R2] [R9] A missing document is an error, and the others are updated
    When I mUpdate in "library:books":
      """
      documents:
        - { _id: nowhere, body: { stock: 0 } }
        - { _id: emma, body: { stock: 0 } }
      """
    Then the result matches:
      """
      successes: [{ _id: emma, position: 1 }]
      errors:
        - document: { _id: nowhere, body: { stock: 0 } }
          position: 0
          status: 404
          code: not_found
          reason: !string
          retryable: false
      stats: { requested: 2, updated: 1, errors: 1 }
      """
    And "library:books" stores:
      """
      nowhere: null
      """

  Scenario: [R7] Invalid documents are errors, and the others are updated
    When I mUpdate in "library:books":
      """
      documents:
        - { body: { stock: 0 } }
        - { _id: "", body: { stock: 0 } }
        - { _id: 7, body: { stock: 0 } }
        - { _id: !bytes 513, body: { stock: 0 } }
        - { _id: dune }
        - { _id: dune, _source: { stock: 0 } }
        - { _id: dune, body: [] }
        - { _id: dune, body: { stock: 0 }, ifSeqNo: 1 }
        - { _id: dune, body: { stock: 0 }, ifPrimaryTerm: 1 }
        - null
        - { _id: dune, body: { stock: plenty } }
        - { _id: emma, body: { stock: 0 } }
      """
    Then the result matches:
      """
      successes: [{ _id: emma, position: 11 }]
      errors:
        - { position: 0, code: invalid, status: 400, reason: !match /_id/ }
        - { position: 1, code: invalid }
        - { position: 2, code: invalid }
        - { position: 3, code: invalid }
        - { position: 4, code: invalid, reason: !match /body/ }
        - { position: 5, code: invalid, reason: !match /body/ }
        - { position: 6, code: invalid, reason: !match /body/ }
        - { position: 7, code: invalid, reason: !match /ifPrimaryTerm/ }
        - { position: 8, code: invalid, reason: !match /ifSeqNo/ }
        - { position: 9, code: invalid }
        - { position: 10, code: mapping, document: { _id: dune, body: { stock: plenty } } }
      """
    And "library:books" stores:
      """
      dune: { stock: 3 }
      """

  Scenario: [U2] [W4] Updates of one id are applied in order
    When I mUpdate in "library:books" with { source: true }:
      """
      documents:
        - { _id: dune, body: { stock: 10, first: true } }
        - { _id: emma, body: { stock: 10 } }
        - { _id: dune, body: { stock: 20, second: true } }
        - { _id: dune, body: { stock: 30 } }
      """
    Then the result matches:
      """
      successes:
        - { _id: dune, position: 0, _version: 2, attempts: 1, _source: { stock: 10, second: !absent } }
        - { _id: emma, position: 1, _version: 2 }
        - { _id: dune, position: 2, _version: 3, attempts: 1, _source: { stock: 20 } }
        - { _id: dune, position: 3, _version: 4, attempts: 1, _source: { stock: 30 } }
      errors: []
      """
    And "library:books" stores:
      """
      dune: { stock: 30, first: true, second: true }
      """

  Scenario: [U2] [R9] A document that another client has changed since is a conflict, and is not retried
    Given I remember the sequence of document "dune" in "library:books"
    And "library:books" is then overwritten with:
      """
      dune: { stock: 9 }
      """
    When I mUpdate in "library:books" with { retryOnConflict: 5 }:
      """
      documents:
        - { _id: dune, body: { stock: 0 }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - { _id: emma, body: { stock: 0 } }
      """
    Then the result matches:
      """
      successes: [{ _id: emma, position: 1 }]
      errors:
        - { document: { _id: dune }, position: 0, status: 409, code: version_conflict, retryable: false }
      stats: { conflicts: 1, retries: 0 }
      """
    And "library:books" stores:
      """
      dune: { stock: 9 }
      """

  Scenario: A document that has not changed since it was read is updated
    Given I remember the sequence of document "dune" in "library:books"
    When I mUpdate in "library:books":
      """
      documents: [{ _id: dune, body: { stock: 0 }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune, _version: 2 }]
      """

  Scenario: [R2] With a closed index all documents are errors, and none is missing
    Given the engine's index behind "library:books" is closed
    When I mUpdate in "library:books":
      """
      documents: [{ _id: dune, body: { stock: 0 } }, { _id: nowhere, body: { stock: 0 } }]
      """
    Then the result matches:
      """
      successes: []
      errors:
        - { document: { _id: dune }, position: 0, code: unavailable }
        - { document: { _id: nowhere }, position: 1, code: unavailable }
      """

  Scenario: With refresh=wait_for a search sees the update
    When I mUpdate in "library:books" with { refresh: wait_for }:
      """
      documents: [{ _id: dune, body: { stock: 0 } }]
      """
    Then a search in "library:books" finds:
      | dune |
      | emma |

  Scenario: Without documents there is nothing to do, as natively
    When I mUpdate in "library:books":
      """
      documents: []
      """
    Then the result matches:
      """
      successes: []
      errors: []
      stats: { requested: 0, updated: 0 }
      """

  Scenario: [U4] [R8] Strict: a missing document is reported afterwards, and the others are updated
    When I mUpdate in "library:books" with { strict: true }:
      """
      documents: [{ _id: nowhere, body: { stock: 0 } }, { _id: emma, body: { stock: 0 } }]
      """
    Then it is rejected with 400 "batch.update.incomplete" and the errors:
      """
      - { document: { _id: nowhere, body: { stock: 0 } }, position: 0, status: 404, code: not_found, retryable: false }
      """
    And "library:books" stores:
      """
      emma: { stock: 0 }
      """

  Scenario Outline: [U4] Strict: a validation error stops everything: <document>
    When I mUpdate in "library:books" with { strict: true }:
      """
      documents: [{ _id: emma, body: { stock: 0 } }, <document>]
      """
    Then it is rejected with 400 and the errors:
      """
      - { position: 1, status: 400, code: <code>, retryable: false }
      """
    And "library:books" stores:
      """
      emma: { stock: 1 }
      dune: { stock: 3 }
      """

    Examples:
      | document                                      | code    |
      | { _id: dune, body: [] }                       | invalid |
      | { body: { stock: 0 } }                        | invalid |
      | { _id: dune, body: { stock: 0 }, ifSeqNo: 1 } | invalid |
      | { _id: dune, body: { stock: plenty } }        | mapping |
