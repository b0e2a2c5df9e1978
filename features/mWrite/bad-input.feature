Feature: mWrite reports what is wrong with a request, and respects rights

  Background:
    Given an empty collection "library:books"

  Scenario Outline: [R7] A request without documents is rejected: <body>
    When I mWrite to "library:books":
      """
      <body>
      """
    Then it is rejected with 400 naming "documents"

    Examples:
      | body                       |
      | {}                         |
      | { documents: null }        |
      | { documents: dune }        |
      | { documents: { _id: a } }  |

  Scenario: [R7] A request without a body is rejected
    When I mWrite to "library:books" without a body
    Then it is rejected with 400 naming "documents"

  Scenario Outline: [R4] [R7] Invalid arguments are rejected: <arguments>
    When I mWrite to "library:books" with <arguments>:
      """
      documents: [{ _id: dune, body: {} }]
      """
    Then it is rejected with 400 naming "<name>"
    And "library:books" stores nothing

    Examples:
      | arguments            | name    |
      | { strict: banana }   | strict  |
      | { notify: banana }   | notify  |
      | { source: [title] }  | source  |

  Scenario Outline: [R5] [R8] What does not exist is rejected as natively: <place>
    When I mWrite to "<place>":
      """
      documents: [{ _id: dune, body: {} }]
      """
    Then it is rejected with 412 "<id>"

    Examples:
      | place           | id                                  |
      | library:ghosts  | services.storage.unknown_collection |
      | nolibrary:books | services.storage.unknown_index      |
      | library:boo*    | services.storage.unknown_collection |
      | library:books%  | services.storage.unknown_collection |
      | kuzzle:users    | services.storage.unknown_index      |

  Scenario Outline: [R5] Without both rights nothing is written: <rights>
    Given "writer" may only:
      | <right> |               |
      | <other> | library:films |
    And I am writer
    When I mWrite to "library:<collection>":
      """
      documents: [{ _id: dune, body: {} }]
      """
    Then it is rejected with 403 "security.rights.forbidden"
    And "library:books" stores nothing

    Examples:
      | rights                        | right          | other           | collection |
      | the native one elsewhere      | batch:mWrite   | bulk:mWrite     | books      |
      | elsewhere, and it is unknown  | batch:mWrite   | bulk:mWrite     | ghosts     |
      | another native one            | batch:mWrite   | document:mCreate | books      |
      | the native one alone          | bulk:mWrite    | document:mGet   | books      |

  Scenario: [R5] With both rights it is written
    Given "writer" may only:
      | batch:mWrite |               |
      | bulk:mWrite  | library:books |
    And I am writer
    When I mWrite to "library:books":
      """
      documents: [{ _id: dune, body: {} }]
      """
    Then the result matches:
      """
      successes: [{ _id: dune }]
      """

  Scenario: [R5] Anonymous without the native right is asked to log in
    Given anonymous may only:
      | batch:mWrite |
    And I am anonymous
    When I mWrite to "library:books":
      """
      documents: [{ _id: dune, body: {} }]
      """
    Then it is rejected with 401 "security.rights.unauthorized"
    And "library:books" stores nothing

  Scenario: [R4] The shape of a request is checked before rights
    Given "writer" may only:
      | batch:mWrite |
    And I am writer
    When I mWrite to "library:books":
      """
      documents: dune
      """
    Then it is rejected with 400 naming "documents"
