Feature: A client of Kuzzle 1 works as before

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, _kuzzle_info: { author: "-1", createdAt: 1484226562795, updatedAt: null, updater: null } }
      emma: { title: Emma, _kuzzle_info: { author: "-1", createdAt: 1484226562795, updatedAt: null, updater: null } }
      """

  Scenario: [D1] mGet returns exactly the seed's keys
    When I mGet as with Kuzzle 1 in "library:books":
      """
      ids: [emma, dune]
      """
    Then the answer has the keys and types of "mGet of Kuzzle 1", and no other
    And the answer matches:
      """
      status: 200
      index: library
      collection: books
      controller: document
      action: mGet
      result:
        total: 2
        hits:
          - _id: emma
            _index: library
            _type: books
            _source: { title: Emma, _kuzzle_info: !absent }
            _meta: { active: true, author: "-1", createdAt: 1484226562795, deletedAt: null, updatedAt: null, updater: null }
            _version: 1
            found: true
          - { _id: dune }
      """

  Scenario: [D1] Documents that could not be retrieved are a partial error next to the result
    When I mGet as with Kuzzle 1 in "library:books":
      """
      ids: [nowhere, dune, 7]
      """
    Then the answer has the keys and types of "mGet of Kuzzle 1", and an error next to the result
    And the answer matches:
      """
      status: 206
      error:
        status: 206
        count: 2
        errors:
          - { _id: nowhere, position: 0, status: 404, code: not_found }
          - { _id: 7, position: 2, status: 400, code: invalid }
      result: { total: 1, hits: [{ _id: dune }] }
      """

  Scenario: [D1] mUpdate returns the seed's keys, with the given arguments
    When I mUpdate as with Kuzzle 1 in "library:books" with { refresh: wait_for, retryOnConflict: 3 }:
      """
      documents: [{ _id: dune, body: { stock: 1 } }, { _id: emma, body: { stock: 2 } }]
      """
    Then the answer has the keys and types of "mUpdate of Kuzzle 1", and no other
    And the answer matches:
      """
      status: 200
      action: mUpdate
      refresh: wait_for
      retryOnConflict: 3
      result:
        total: 2
        hits: [{ _id: dune, _version: 2, result: updated }, { _id: emma, _index: library, _type: books }]
      """
    And "library:books" stores:
      """
      dune: { title: Dune, stock: 1 }
      emma: { title: Emma, stock: 2 }
      """

  Scenario: [D1] Documents that could not be updated are a partial error, and the others are updated
    When I mUpdate as with Kuzzle 1 in "library:books":
      """
      documents: [{ _id: nowhere, body: { stock: 1 } }, { _id: emma, body: { stock: 2 } }]
      """
    Then the answer matches:
      """
      status: 206
      refresh: !absent
      retryOnConflict: !absent
      error: { status: 206, message: !string, count: 1, errors: [{ document: { _id: nowhere }, position: 0, status: 404 }] }
      result: { total: 1, hits: [{ _id: emma }] }
      """
    And "library:books" stores:
      """
      emma: { stock: 2 }
      """

  @http
  Scenario Outline: [D1] Over HTTP the partial error has its status: <verb> <path>, <status>
    Then <verb> "<path>" over HTTP has the status <status> for:
      """
      <body>
      """

    Examples:
      | verb | path                       | status | body                                              |
      | POST | /v1/library/books/_mGet    | 200    | { ids: [dune] }                                   |
      | POST | /v1/library/books/_mGet    | 206    | { ids: [dune, nowhere] }                          |
      | PUT  | /v1/library/books/_mUpdate | 200    | { documents: [{ _id: dune, body: { n: 1 } }] }    |
      | PUT  | /v1/library/books/_mUpdate | 206    | { documents: [{ _id: nowhere, body: { n: 1 } }] } |

  Scenario: [D1] Errors before the action keep Kuzzle 2's envelope
    Given I am anonymous
    When I mGet as with Kuzzle 1 in "library:books":
      """
      ids: [dune]
      """
    Then it is rejected with 401 "security.rights.unauthorized"
    And the answer matches:
      """
      controller: batch/v1
      """

  Scenario Outline: [R5] [D1] <action> needs the native right on the collection
    Given "reader" may only:
      | batch/v1:<action> |               |
      | document:<action> | library:books |
    And documents in "library:films":
      """
      dune: { title: The film }
      """
    And I am reader
    When I <action> as with Kuzzle 1 in "library:books":
      """
      <body>
      """
    Then the answer matches:
      """
      status: 200
      result: { total: 1 }
      """
    When I <action> as with Kuzzle 1 in "library:films":
      """
      <body>
      """
    Then it is rejected with 403 "security.rights.forbidden"

    Examples:
      | action  | body                                         |
      | mGet    | ids: [dune]                                  |
      | mUpdate | documents: [{ _id: dune, body: { n: 1 } }]   |

  @pipes
  Scenario Outline: [R11] What throws behind <action> is Kuzzle's own error, and not a bare answer
    Given documents in "library:piped":
      """
      dune: { title: Dune }
      """
    And the application's pipes for:
      | behind the compatibility APIs |
    When I <action> as with Kuzzle 1 in "library:piped":
      """
      <body>
      """
    Then it is rejected with 403 "features.pipe.rejected"

    Examples:
      | action  | body                                       |
      | mGet    | ids: [dune]                                |
      | mUpdate | documents: [{ _id: dune, body: { n: 1 } }] |

  Scenario: [D1] An index named as the other compatibility API's route is reached
    Given documents in "documents:books":
      """
      dune: { title: Dune }
      """
    When I mGet as with Kuzzle 1 in "documents:books":
      """
      ids: [dune]
      """
    Then the answer matches:
      """
      status: 200
      index: documents
      result: { total: 1 }
      """

  Scenario: The seed of bulk:mWrite is a part of what batch:mWrite answers
    When I mWrite to "library:books":
      """
      documents: [{ _id: ulysses, body: { title: Ulysses } }]
      """
    Then the answer has the keys and types of "bulk:mWrite", and no other
