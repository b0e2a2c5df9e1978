Feature: batchWrite executes any mixture of writes in the collections of an index

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, stock: 3, author: { name: Herbert } }
      emma: { title: Emma, stock: 1 }
      lost: { title: Lost }
      """
    And documents in "library:films":
      """
      alien: { title: Alien, stock: 2 }
      """

  Scenario: [M1] [M2] [R1] [R3] [I1] Each operation does what its name says, and reports it
    When I batchWrite to "library":
      """
      operations:
        - create: { collection: books, _id: ulysses, body: { title: Ulysses } }
        - createOrReplace: { collection: films, _id: alien, body: { title: Aliens } }
        - replace: { collection: books, _id: emma, body: { title: Emma again } }
        - write: { collection: films, _id: brazil, body: { title: Brazil } }
        - update: { collection: books, _id: dune, body: { stock: 2, author: { born: 1920 } } }
        - upsert: { collection: films, _id: clue, changes: { stock: 1 }, default: { title: Clue } }
        - delete: { collection: books, _id: lost }
      """
    Then the result matches:
      """
      results:
        - { position: 0, op: create, collection: books, _id: ulysses, status: 201, result: created, _version: 1, _seq_no: !integer , _primary_term: !integer , attempts: 1, _source: !absent }
        - { position: 1, op: createOrReplace, collection: films, _id: alien, status: 200, result: updated, _version: 2 }
        - { position: 2, op: replace, collection: books, _id: emma, status: 200, result: updated, _version: 2 }
        - { position: 3, op: write, collection: films, _id: brazil, status: 201, result: created }
        - { position: 4, op: update, collection: books, _id: dune, status: 200, result: updated, _version: 2 }
        - { position: 5, op: upsert, collection: films, _id: clue, status: 201, result: created }
        - { position: 6, op: delete, collection: books, _id: lost, status: 200, result: deleted }
      errors: []
      stats: { requested: 7, unique: 7, duplicates: 0, written: 7, errors: 0, conflicts: 0, retries: 0, engineCalls: 2 }
      """
    And "library:books" stores:
      """
      ulysses: { title: Ulysses, _kuzzle_info: { createdAt: !integer , updatedAt: null, updater: null } }
      emma: { title: Emma again, stock: !absent , _kuzzle_info: { createdAt: !integer , updatedAt: null } }
      dune: { title: Dune, stock: 2, author: { name: Herbert, born: 1920 }, _kuzzle_info: { updatedAt: !integer } }
      lost: null
      """
    And "library:films" stores:
      """
      alien: { title: Aliens, stock: !absent , _kuzzle_info: { createdAt: !integer } }
      brazil: { title: Brazil, _kuzzle_info: !absent  }
      clue: { title: Clue, stock: 1, _kuzzle_info: { createdAt: !integer } }
      """

  Scenario: [M2] Operations without a collection use that of the route, and ids are assigned
    When I batchWrite to "library:books":
      """
      operations:
        - create: { body: { title: Untitled } }
        - update: { collection: films, _id: alien, body: { stock: 0 } }
        - delete: { _id: lost }
      """
    Then the result matches:
      """
      results:
        - { op: create, collection: books, _id: !string }
        - { op: update, collection: films }
        - { op: delete, collection: books }
      errors: []
      """
    And "library:books" stores 3 documents

  Scenario: [M2] [W4] Operations on one document are executed in order, and others do not wait
    When I batchWrite to "library:books" with { source: true }:
      """
      operations:
        - delete: { _id: dune }
        - create: { _id: dune, body: { title: New } }
        - update: { _id: emma, body: { stock: 5 } }
        - update: { _id: dune, body: { stock: 1 } }
        - create: { _id: dune, body: { title: Never } }
        - upsert: { _id: dune, changes: { stock: 2 }, default: { title: Never } }
        - replace: { _id: dune, body: { title: Newer } }
        - replace: { collection: films, _id: dune, body: { title: Another dune } }
      """
    Then the result matches:
      """
      results:
        - { position: 0, op: delete, result: deleted, _source: !absent }
        - { position: 1, op: create, result: created, _source: { title: New } }
        - { position: 2, op: update, result: updated, _source: { title: Emma, stock: 5 } }
        - { position: 3, op: update, result: updated, _source: { title: New, stock: 1 } }
        - { position: 5, op: upsert, result: updated, _source: { title: New, stock: 2 } }
        - { position: 6, op: replace, result: updated, _source: { title: Newer, stock: !absent } }
      errors:
        - { position: 4, op: create, collection: books, code: version_conflict, status: 400, reason: document already exists, retryable: false, document: { _id: dune, body: { title: Never } } }
        - { position: 7, op: replace, collection: films, code: not_found, status: 404, reason: document not found, document: { _id: dune } }
      stats: { requested: 8, unique: 3, duplicates: 5, written: 6, errors: 2 }
      """
    And "library:books" stores:
      """
      dune: { title: Newer, stock: !absent }
      """

  Scenario: [M1] [R2] [R9] A missing document is an error with the message of the native action
    When I batchWrite to "library:books":
      """
      operations:
        - update: { _id: nowhere, body: { stock: 0 } }
        - replace: { _id: nowhere, body: { stock: 0 } }
        - delete: { _id: nowhere }
        - update: { _id: emma, body: { stock: 0 } }
      """
    Then the result matches:
      """
      results: [{ position: 3, op: update }]
      errors:
        - { position: 0, op: update, collection: books, document: { _id: nowhere, body: { stock: 0 } }, status: 404, code: not_found, reason: document not found, retryable: false }
        - { position: 1, op: replace, document: { _id: nowhere, body: { stock: 0 } }, status: 404, code: not_found, reason: document not found }
        - { position: 2, op: delete, document: { _id: nowhere, body: !absent }, status: 404, code: not_found, reason: document not found }
      """
    And "library:books" stores:
      """
      nowhere: null
      """

  Scenario: [M1] The metadata is Kuzzle's, never the caller's
    Given "editor" may only:
      | batch:batchWrite          |
      | document:mCreate          |
      | document:mCreateOrReplace |
      | document:mReplace         |
      | document:mUpdate          |
      | document:mUpsert          |
    And I am editor
    When I batchWrite to "library:books" with { source: true }:
      """
      operations:
        - create: { _id: a, body: { _kuzzle_info: { author: me } } }
        - createOrReplace: { _id: b, body: { _kuzzle_info: { author: me } } }
        - replace: { _id: emma, body: { _kuzzle_info: { author: me } } }
        - update: { _id: dune, body: { _kuzzle_info: { author: me } } }
        - upsert: { _id: c, changes: { _kuzzle_info: { author: me } }, default: { _kuzzle_info: { author: me } } }
      """
    Then the result matches:
      """
      results:
        - { _source: { _kuzzle_info: { author: !match /^features-/ , createdAt: !integer , updatedAt: null, updater: null } } }
        - { _source: { _kuzzle_info: { author: !match /^features-/ , createdAt: !integer , updatedAt: null, updater: null } } }
        - { _source: { _kuzzle_info: { author: !match /^features-/ , createdAt: !integer , updatedAt: null, updater: null } } }
        - { _source: { _kuzzle_info: { author: !absent , updater: !match /^features-/ , updatedAt: !integer } } }
        - { _source: { _kuzzle_info: { author: !match /^features-/ , createdAt: !integer } } }
      errors: []
      """

  Scenario: [M1] [M2] [M4] Conditions: a document is written only if it has not changed since it was read
    Given I remember the sequence of document "dune" in "library:books"
    When I batchWrite to "library:books":
      """
      operations:
        - update: { _id: dune, body: { stock: 2 }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - replace: { _id: dune, body: { stock: 2 }, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - delete: { _id: dune, ifSeqNo: ${seqNo}, ifPrimaryTerm: ${primaryTerm} }
        - write: { _id: emma, body: {}, ifAbsent: true }
      """
    Then the result matches:
      """
      results: [{ position: 0, op: update }]
      errors:
        - { position: 1, op: replace, status: 409, code: version_conflict, retryable: false }
        - { position: 2, op: delete, status: 409, code: version_conflict }
        - { position: 3, op: write, status: 409, code: version_conflict }
      """
    And "library:books" stores:
      """
      dune: { title: Dune, stock: 2 }
      """

  Scenario: [M2] [R13] Content may be sent as text, and its numbers survive
    When I batchWrite to "library:books":
      """
      operations:
        - create: { _id: a, json: '{"n":1306415010221662247}' }
        - update: { _id: emma, json: '{"n":1306415010221662247}' }
        - upsert: { _id: b, json: '{"n":1306415010221662247}', defaultJson: '{"m":1306415010221662247}' }
      """
    Then the result matches:
      """
      results: [{ position: 0 }, { position: 1 }, { position: 2 }]
      errors: []
      """

  Scenario: [M2] [W4] With refresh=wait_for a search sees all of it
    When I batchWrite to "library:books" with { refresh: wait_for }:
      """
      operations:
        - delete: { _id: lost }
        - create: { _id: ulysses, body: {} }
        - delete: { _id: ulysses }
        - create: { _id: ulysses, body: {} }
      """
    Then a search in "library:books" finds:
      | dune    |
      | emma    |
      | ulysses |

  Scenario: Without operations there is nothing to do
    When I batchWrite to "library":
      """
      operations: []
      """
    Then the result matches:
      """
      results: []
      errors: []
      stats: { requested: 0, written: 0 }
      """

  Scenario: [M3] [W2] Strict: a validation error anywhere stops everything
    Given a collection "library:shelves" with the mapping:
      """
      dynamic: strict
      properties: { number: { type: integer } }
      """
    When I batchWrite to "library:books" with { strict: true }:
      """
      operations:
        - delete: { _id: dune }
        - update: { _id: emma, body: [] }
        - create: { collection: shelves, _id: a, body: { number: many } }
        - upsert: { collection: shelves, _id: b, changes: { number: 1 }, default: { color: red } }
        - remove: { _id: dune }
      """
    Then it is rejected with 400 "batch.write.refused" and the errors:
      """
      - { position: 1, op: update, collection: books, code: invalid, reason: !match /operations.1..update.body/ }
      - { position: 2, op: create, collection: shelves, code: mapping, reason: !match /operations.2..create.body.number/ }
      - { position: 3, op: upsert, code: mapping, reason: !match /operations.3..upsert.default.color/ }
      - { position: 4, op: !absent , code: invalid, reason: !match /operations.4./ }
      """
    And "library:books" stores:
      """
      dune: { stock: 3 }
      """

  Scenario: [M3] [W2] Strict: errors that only the engine detects are reported afterwards, and the others are executed
    When I batchWrite to "library:books" with { strict: true }:
      """
      operations:
        - delete: { _id: nowhere }
        - delete: { _id: dune }
      """
    Then it is rejected with 400 "batch.write.incomplete" and the errors:
      """
      - { position: 0, op: delete, collection: books, document: { _id: nowhere }, status: 404, code: not_found }
      """
    And "library:books" stores:
      """
      dune: null
      """

  Scenario: [M3] [W5] With an idempotency key, a repeated request gets the first response
    Given a fresh idempotency key
    When I batchWrite to "library:books" with { idempotencyKey: ${key} }:
      """
      operations:
        - create: { body: { title: Assigned } }
        - delete: { _id: dune }
        - delete: { _id: nowhere }
        - update: { _id: "", body: {} }
      """
    And I remember the answer
    And I send it again
    Then the answer is the remembered one, except for its replayed flag
    And "library:books" stores 3 documents
