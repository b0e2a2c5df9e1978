Feature: batchGet reports what is wrong with a request

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune }
      """

  Scenario: [R7] An invalid id is an error of its own, and does not affect others
    When I batchGet from "library:books":
      """
      ids: [7, dune, "", !bytes 513, nowhere, null, { _id: dune }, [dune], true, !bytes 512]
      """
    Then the result matches:
      """
      documents: [{ _id: dune }]
      not_found: [nowhere, !bytes 512]
      errors:
        - { position: 0, status: 400, code: invalid, retryable: false, reason: !string }
        - { position: 2, status: 400, code: invalid, retryable: false }
        - { position: 3, status: 400, code: invalid, retryable: false }
        - { position: 5, status: 400, code: invalid, retryable: false }
        - { position: 6, status: 400, code: invalid, retryable: false }
        - { position: 7, status: 400, code: invalid, retryable: false }
        - { position: 8, status: 400, code: invalid, retryable: false }
      """

  Scenario: [R7] The limit of 512 for an id counts bytes, not characters
    When I batchGet from "library:books":
      """
      ids: [!accents 256, !accents 257]
      """
    Then the result matches:
      """
      not_found: [!accents 256]
      errors: [{ position: 1, code: invalid }]
      """

  Scenario: [R7] An invalid id in an address is an error of its document
    When I batchGet from "library":
      """
      documents: [{ _id: "", collection: books }, { collection: books }, { _id: dune, collection: books }]
      """
    Then the result matches:
      """
      documents: [{ _id: dune }]
      errors:
        - { position: 0, code: invalid, status: 400 }
        - { position: 1, code: invalid, status: 400 }
      """

  Scenario Outline: [R7] A request without anything to get is rejected: <body>
    When I batchGet from "library:books":
      """
      <body>
      """
    Then it is rejected with 400 naming "<place>"

    Examples:
      | body                                    | place     |
      | { ids: [] }                             | ids       |
      | {}                                      | ids       |
      | { ids: null }                           | ids       |
      | { ids: dune }                           | ids       |
      | { ids: { 0: dune } }                    | ids       |
      | { documents: [] }                       | documents |
      | { documents: dune }                     | documents |
      | { ids: [dune], documents: [{_id: dune}] } | documents |

  Scenario: [R7] A request without a body is rejected
    When I batchGet from "library:books" without a body
    Then it is rejected with 400 naming "ids"

  Scenario Outline: [R4] [R7] Invalid arguments are rejected: <arguments>
    When I batchGet from "library:books" with <arguments>:
      """
      ids: [dune]
      """
    Then it is rejected with 400 naming "<name>"

    Examples:
      | arguments               | name   |
      | { strict: banana }      | strict |
      | { strict: 1 }           | strict |

  Scenario Outline: [R5] [R8] What does not exist is rejected as natively: <place>
    When I batchGet from "<place>":
      """
      ids: [dune]
      """
    Then it is rejected with 412 "<id>"

    Examples:
      | place           | id                                  |
      | library:ghosts  | services.storage.unknown_collection |
      | nolibrary:books | services.storage.unknown_index      |

  Scenario: [R8] An unknown collection of an address is rejected as natively
    When I batchGet from "library":
      """
      documents: [{ _id: dune, collection: books }, { _id: dune, collection: ghosts }]
      """
    Then it is rejected with 412 "services.storage.unknown_collection"

  Scenario Outline: [R5] The name <name> never reaches the engine
    When I batchGet from "library:<name>":
      """
      ids: [dune]
      """
    Then it is rejected with 412 "services.storage.unknown_collection"

    Examples:
      | name        |
      | boo*        |
      | books,films |
      | books%      |
      | boo%6Bs     |

    @messages
    Examples: Over HTTP, Kuzzle's router takes it for a name left out
      | name |
      | *    |

  Scenario Outline: [R5] The name <name> in an address never reaches the engine
    When I batchGet from "library":
      """
      documents: [{ _id: dune, collection: "<name>" }]
      """
    Then it is rejected with 412 "services.storage.unknown_collection"

    Examples:
      | name        |
      | boo*        |
      | books,films |
      | boo%6Bs     |

  Scenario Outline: [R5] The index <index> never reaches the engine
    When I batchGet from "<index>":
      """
      ids: [dune]
      """
    Then it is rejected with 412 "services.storage.unknown_index"

    Examples:
      | index           |
      | lib*            |
      | library,kuzzle  |
      | kuzzle          |

    @messages
    Examples: Over HTTP, Kuzzle's router takes it for a name left out
      | index |
      | *     |

  Scenario Outline: [R5] Kuzzle's private collections are out of reach: <place>
    When I batchGet from "<place>":
      """
      ids: [features-admin]
      """
    Then it is rejected with 412 "services.storage.unknown_index"

    Examples:
      | place        |
      | kuzzle:users |
      | %kuzzle:users |

  Scenario: [G3] [R8] More ids than Kuzzle's limit are rejected
    When I batchGet from "library:books":
      """
      ids: !ids 10001
      """
    Then it is rejected with 413 "services.storage.get_limit_exceeded"

  Scenario: [G3] The limit counts all requested ids, including repeated ones
    When I batchGet from "library:books":
      """
      ids: !repeated dune 10001
      """
    Then it is rejected with 413 "services.storage.get_limit_exceeded"

  Scenario: [G3] As many ids as the limit are answered
    When I batchGet from "library:books":
      """
      ids: !ids 10000
      """
    Then the result's "not_found" has 10000 entries

  Scenario: [R4] The shape of a request is checked before rights
    Given "reader" may only:
      | batch:batchGet |
    And I am reader
    When I batchGet from "library:books":
      """
      ids: []
      """
    Then it is rejected with 400 naming "ids"

  Scenario: [R4] Existence is checked before limits
    When I batchGet from "library:ghosts":
      """
      ids: !ids 10001
      """
    Then it is rejected with 412 "services.storage.unknown_collection"
