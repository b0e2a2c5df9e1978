Feature: batchGet distinguishes found, missing and failed documents

  A caller who requests a list of documents learns the outcome of each.

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, author: { name: Herbert, born: 1920 }, year: 1965 }
      emma: { title: Emma, author: { name: Austen, born: 1775 }, year: 1815 }
      """

  Scenario: [R1] [R2] [I1] Each id of one collection is found or missing
    When I batchGet from "library:books":
      """
      ids: [emma, nowhere, dune]
      """
    Then the result matches:
      """
      documents:
        - _id: emma
          index: library
          collection: books
          _source: { title: Emma, year: 1815 }
          _version: 1
          _seq_no: !integer
          _primary_term: !integer
        - { _id: dune, index: library, collection: books, _source: { title: Dune } }
      not_found: [nowhere]
      errors: []
      unprocessed: []
      stats: { requested: 3, unique: 3, duplicates: 0, found: 2, notFound: 1, errors: 0, engineCalls: 1, retries: 0 }
      """
    And the result's "documents[0]._source" is exactly:
      """
      { title: Emma, author: { name: Austen, born: 1775 }, year: 1815 }
      """

  Scenario: [R3] Lists follow the request
    Given 60 numbered documents in "library:numbers"
    When I batchGet from "library:numbers":
      """
      ids: ["60", "b", "7", "33", "a", "1", "59", "c"]
      """
    Then the result matches:
      """
      documents: [{ _id: "60" }, { _id: "7" }, { _id: "33" }, { _id: "1" }, { _id: "59" }]
      not_found: [b, a, c]
      """

  Scenario: [G2] An id requested twice is fetched and returned once, at its first position
    When I batchGet from "library:books":
      """
      ids: [nowhere, dune, emma, dune, nowhere, dune]
      """
    Then the result matches:
      """
      documents: [{ _id: dune }, { _id: emma }]
      not_found: [nowhere]
      errors: []
      stats: { requested: 6, unique: 3, duplicates: 3, found: 2, notFound: 1 }
      """

  Scenario: [G1] A document is found in its newest version before any refresh
    Given the engine never refreshes "library:books" by itself
    And "library:books" is then overwritten with:
      """
      dune: { title: Dune, edition: second }
      """
    When I batchGet from "library:books":
      """
      ids: [dune]
      """
    Then the result matches:
      """
      documents: [{ _id: dune, _version: 2 }]
      """
    And the result's "documents[0]._source" is exactly:
      """
      { title: Dune, edition: second }
      """

  Scenario: [G2] Documents by address, over several collections of the index
    Given documents in "library:films":
      """
      dune: { title: Dune, director: Lynch }
      """
    When I batchGet from "library":
      """
      documents:
        - { _id: dune, collection: films }
        - { _id: emma, collection: films }
        - { _id: emma, collection: books }
        - { _id: dune, collection: books }
        - { _id: dune, collection: films }
      """
    Then the result matches:
      """
      documents:
        - { _id: dune, collection: films, _source: { director: Lynch } }
        - { _id: emma, collection: books, _source: { title: Emma } }
        - { _id: dune, collection: books, _source: { year: 1965 } }
      not_found: [{ _id: emma, collection: films }]
      errors: []
      stats: { requested: 5, unique: 4, duplicates: 1 }
      """

  Scenario: [R1] An address without a collection refers to the collection of the route
    When I batchGet from "library:books":
      """
      documents: [{ _id: dune }]
      """
    Then the result matches:
      """
      documents: [{ _id: dune, collection: books }]
      """

  Scenario: [R2] [R9] Documents of a closed index are errors, and never missing
    Given documents in "library:films":
      """
      alien: { title: Alien }
      """
    And the engine's index behind "library:films" is closed
    When I batchGet from "library":
      """
      documents:
        - { _id: alien, collection: films }
        - { _id: dune, collection: books }
        - { _id: nowhere, collection: films }
        - { _id: nowhere, collection: books }
      """
    Then the result matches:
      """
      documents: [{ _id: dune, collection: books }]
      not_found: [{ _id: nowhere, collection: books }]
      errors:
        - { _id: alien, collection: films, position: 0, code: unavailable, status: !integer , reason: !string , retryable: !any }
        - { _id: nowhere, collection: films, position: 2, code: unavailable }
      """

  Scenario: [R2] A collection that fails as a whole causes errors, but does not fail the request
    Given the engine's index behind "library:films" is closed
    When I batchGet from "library:films":
      """
      ids: [alien, brazil]
      """
    Then the result matches:
      """
      documents: []
      not_found: []
      errors:
        - { _id: alien, position: 0, code: unavailable }
        - { _id: brazil, position: 1, code: unavailable }
      """

  Scenario Outline: The mask <source> selects the returned part of the source
    When I batchGet from "library:books" with { source: <source> }:
      """
      ids: [dune]
      """
    Then the result's "documents[0]._source" is exactly:
      """
      <answered>
      """

    Examples:
      | source                  | answered                                                                  |
      | true                    | { title: Dune, author: { name: Herbert, born: 1920 }, year: 1965 }        |
      | "true"                  | { title: Dune, author: { name: Herbert, born: 1920 }, year: 1965 }        |
      | [title]                 | { title: Dune }                                                           |
      | [title, author.name]    | { title: Dune, author: { name: Herbert } }                                |
      | ["a*.n*", "ye*"]        | { author: { name: Herbert }, year: 1965 }                                 |
      | [nothing]               | {}                                                                        |

  Scenario Outline: With source <source> a document is returned without its source
    When I batchGet from "library:books" with { source: <source> }:
      """
      ids: [dune, nowhere]
      """
    Then the result matches:
      """
      documents: [{ _id: dune, _source: !absent , _version: 1, _seq_no: !integer , _primary_term: !integer }]
      not_found: [nowhere]
      """

    Examples:
      | source  |
      | false   |
      | "false" |

  Scenario Outline: Excluded fields are not returned (<arguments>)
    When I batchGet from "library:books" with <arguments>:
      """
      ids: [dune]
      """
    Then the result's "documents[0]._source" is exactly:
      """
      <answered>
      """

    Examples:
      | arguments                                             | answered                                     |
      | { sourceExcludes: [author] }                          | { title: Dune, year: 1965 }                  |
      | { sourceExcludes: ["author.b*", year] }               | { title: Dune, author: { name: Herbert } }   |
      | { source: [author, title], sourceExcludes: [author] } | { title: Dune }                              |
