Feature: mUpdate reports what is wrong with a request, and respects rights

  Background:
    Given documents in "library:books":
      """
      dune: { stock: 3 }
      """

  Scenario Outline: [R7] A request without documents is rejected: <body>
    When I mUpdate in "library:books":
      """
      <body>
      """
    Then it is rejected with 400 naming "documents"

    Examples:
      | body                      |
      | {}                        |
      | { documents: null }       |
      | { documents: dune }       |
      | { documents: { _id: a } } |

  Scenario: [R7] A request without a body is rejected
    When I mUpdate in "library:books" without a body
    Then it is rejected with 400 naming "documents"

  Scenario Outline: [R4] [R7] Invalid arguments are rejected: <arguments>
    When I mUpdate in "library:books" with <arguments>:
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then it is rejected with 400 naming "<name>"
    And "library:books" stores:
      """
      dune: { stock: 3 }
      """

    Examples:
      | arguments                     | name            |
      | { strict: banana }            | strict          |
      | { silent: banana }            | silent          |
      | { source: [stock] }           | source          |
      | { retryOnConflict: -1 }       | retryOnConflict |
      | { retryOnConflict: 1.5 }      | retryOnConflict |
      | { retryOnConflict: banana }   | retryOnConflict |

  Scenario Outline: [U2] [R4] retryOnConflict is an integer, or the text of one: <retries>
    When I mUpdate in "library:books" with { retryOnConflict: <retries> }:
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune, attempts: 1 }]
      """

    Examples:
      | retries |
      | 0       |
      | "0"     |
      | 3       |
      | "3"     |

  Scenario Outline: [R5] [R8] What does not exist is rejected as natively: <place>
    When I mUpdate in "<place>":
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then it is rejected with 412 "<id>"

    Examples:
      | place           | id                                  |
      | library:ghosts  | services.storage.unknown_collection |
      | nolibrary:books | services.storage.unknown_index      |
      | library:boo*    | services.storage.unknown_collection |
      | library:books%  | services.storage.unknown_collection |
      | kuzzle:users    | services.storage.unknown_index      |

  Scenario: [R8] More documents than Kuzzle's limit are rejected, and none is updated
    Given 201 numbered documents in "library:numbers"
    When I mUpdate in "library:numbers":
      """
      documents: !documents 201
      """
    Then it is rejected with 413 "services.storage.write_limit_exceeded"

  Scenario: As many documents as the limit are updated
    Given 200 numbered documents in "library:numbers"
    When I mUpdate in "library:numbers":
      """
      documents: !documents 200
      """
    Then the result's "successes" has 200 entries
    And every entry of the result's "successes" matches:
      """
      { _version: 2, result: updated, attempts: 1 }
      """

  Scenario Outline: [R5] Without both rights nothing is updated: <rights>
    Given "writer" may only:
      | <right> |               |
      | <other> | library:films |
    And I am writer
    When I mUpdate in "library:<collection>":
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then it is rejected with 403 "security.rights.forbidden"
    And "library:books" stores:
      """
      dune: { stock: 3 }
      """

    Examples:
      | rights                       | right            | other            | collection |
      | the native one elsewhere     | batch:mUpdate    | document:mUpdate | books      |
      | elsewhere, and it is unknown | batch:mUpdate    | document:mUpdate | ghosts     |
      | another native one           | batch:mUpdate    | document:update  | books      |
      | the native one alone         | document:mUpdate | document:mGet    | books      |

  Scenario: [R5] Anonymous without the native right is asked to log in
    Given anonymous may only:
      | batch:mUpdate |
    And I am anonymous
    When I mUpdate in "library:books":
      """
      documents: [{ _id: dune, body: { stock: 2 } }]
      """
    Then it is rejected with 401 "security.rights.unauthorized"

  Scenario: [R4] Existence is checked before limits
    When I mUpdate in "library:ghosts":
      """
      documents: !documents 201
      """
    Then it is rejected with 412 "services.storage.unknown_collection"
