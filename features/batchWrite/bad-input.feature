Feature: batchWrite reports what is wrong with a request, and respects rights

  Background:
    Given documents in "library:books":
      """
      dune: { stock: 3 }
      """
    And documents in "library:films":
      """
      alien: { stock: 3 }
      """

  Scenario Outline: [R7] A request without operations is rejected: <body>
    When I batchWrite to "library:books":
      """
      <body>
      """
    Then it is rejected with 400 naming "operations"

    Examples:
      | body                                 |
      | {}                                   |
      | { operations: null }                 |
      | { operations: dune }                 |
      | { operations: { delete: { _id: a } } } |

  Scenario Outline: [R4] [R7] Invalid arguments are rejected: <arguments>
    When I batchWrite to "library:books" with <arguments>:
      """
      operations: [{ delete: { _id: dune } }]
      """
    Then it is rejected with 400 naming "<name>"
    And "library:books" stores:
      """
      dune: { stock: 3 }
      """

    Examples:
      | arguments               | name            |
      | { strict: banana }      | strict          |
      | { silent: banana }      | silent          |
      | { retryOnConflict: -1 } | retryOnConflict |
      | { source: [title] }     | source          |

  Scenario: [R7] [R9] An invalid operation is an error of its own that names its position
    When I batchWrite to "library":
      """
      operations:
        - delete: { collection: books, _id: dune }
        - text
        - {}
        - { delete: { collection: books, _id: dune }, create: { collection: books, body: {} } }
        - remove: { collection: books, _id: dune }
        - create: text
        - create: { body: {} }
        - create: { collection: 7, body: {} }
        - create: { collection: books, body: [] }
        - create: { collection: books, _id: a, body: {}, ifSeqNo: 1, ifPrimaryTerm: 1 }
        - create: { collection: books, _id: a, body: {}, ifAbsent: true }
        - update: { collection: books, body: {} }
        - replace: { collection: books, _id: "", body: {} }
        - upsert: { collection: books, _id: a, body: {} }
        - upsert: { collection: books, _id: a, changes: {}, default: [] }
        - upsert: { collection: books, _id: a, changes: {}, ifSeqNo: 1, ifPrimaryTerm: 1 }
        - delete: { collection: books }
        - delete: { collection: books, _id: !bytes 513 }
        - delete: { collection: books, _id: a, ifSeqNo: 1 }
        - write: { collection: books, _id: a, json: "[]" }
      """
    Then the result matches:
      """
      results: [{ position: 0, op: delete }]
      errors:
        - { position: 1, op: !absent , code: invalid, status: 400, retryable: false, reason: !match /^operations.1./ }
        - { position: 2, code: invalid }
        - { position: 3, code: invalid }
        - { position: 4, code: invalid, reason: !match /^operations.4. must be an object with one key/ }
        - { position: 5, op: create, code: invalid, reason: !match /^operations.5..create must/ }
        - { position: 6, op: create, code: invalid, reason: !match /^operations.6..create.collection is missing/ }
        - { position: 7, op: create, collection: 7, code: invalid, reason: !match /collection/ }
        - { position: 8, op: create, collection: books, document: { body: [] }, reason: !match /^operations.8..create.body/ }
        - { position: 9, reason: !match /ifSeqNo/ }
        - { position: 10, reason: !match /ifAbsent/ }
        - { position: 11, op: update, reason: !match /^operations.11..update._id/ }
        - { position: 12, op: replace, reason: !match /_id/ }
        - { position: 13, op: upsert, reason: !match /^operations.13..upsert.changes/ }
        - { position: 14, op: upsert, reason: !match /^operations.14..upsert.default/ }
        - { position: 15, op: upsert, reason: !match /ifSeqNo/ }
        - { position: 16, op: delete, reason: !match /^operations.16..delete._id/ }
        - { position: 17, op: delete, reason: !match /_id/ }
        - { position: 18, op: delete, reason: !match /ifPrimaryTerm/ }
        - { position: 19, op: write, reason: !match /^operations.19..write.json/ }
      """

  Scenario Outline: [R5] [R8] What does not exist is rejected as natively, whole: <collection>
    When I batchWrite to "<index>":
      """
      operations:
        - delete: { collection: books, _id: dune }
        - create: { collection: "<collection>", _id: a, body: {} }
      """
    Then it is rejected with 412 "<id>"
    And "library:books" stores 1 documents

    Examples:
      | index     | collection | id                                  |
      | library   | ghosts     | services.storage.unknown_collection |
      | library   | boo*       | services.storage.unknown_collection |
      | library   | books,films | services.storage.unknown_collection |
      | nolibrary | books      | services.storage.unknown_index      |
      | kuzzle    | users      | services.storage.unknown_index      |

  Scenario Outline: [M1] [R5] Each operation needs its native right in its collection: <lacking>
    Given "writer" may only:
      | batch:batchWrite |               |
      | document:mCreate | library:films |
      | <right>          | <where>       |
    And I am writer
    When I batchWrite to "library":
      """
      operations:
        - create: { collection: films, _id: a, body: {} }
        - <operation>
      """
    Then it is rejected with 403 "security.rights.forbidden"
    And "library:films" stores 1 documents

    Examples:
      | lacking              | right                     | where         | operation                                         |
      | create in books      | document:mDelete          |               | create: { collection: books, _id: a, body: {} }   |
      | delete in books      | document:mDelete          | library:films | delete: { collection: books, _id: dune }          |
      | delete               | document:mGet             |               | delete: { collection: films, _id: alien }         |
      | update               | document:mUpsert          |               | update: { collection: films, _id: alien, body: {} } |
      | upsert               | document:mUpdate          |               | upsert: { collection: films, _id: alien, changes: {} } |
      | replace              | document:mCreateOrReplace |               | replace: { collection: films, _id: alien, body: {} } |
      | createOrReplace      | document:mReplace         |               | createOrReplace: { collection: films, _id: alien, body: {} } |
      | write                | document:mCreateOrReplace |               | write: { collection: films, _id: alien, body: {} } |
      | of an invalid one    | document:mGet          |               | delete: { collection: books, _id: "" }            |

  Scenario: [M1] [R5] With each right in its collection everything is executed
    Given "writer" may only:
      | batch:batchWrite |               |
      | document:mCreate | library:films |
      | document:mDelete | library:books |
    And I am writer
    When I batchWrite to "library":
      """
      operations:
        - create: { collection: films, _id: a, body: {} }
        - delete: { collection: books, _id: dune }
      """
    Then the result matches:
      """
      results: [{ op: create }, { op: delete }]
      errors: []
      """

  Scenario: [R5] Anonymous without a native right is asked to log in
    Given anonymous may only:
      | batch:batchWrite |
    And I am anonymous
    When I batchWrite to "library:books":
      """
      operations: [{ delete: { _id: dune } }]
      """
    Then it is rejected with 401 "security.rights.unauthorized"
