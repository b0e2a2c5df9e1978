Feature: batchGet looks an id up in every collection of the index

  Background:
    Given documents in "library:books":
      """
      dune: { kind: book }
      emma: { kind: book }
      """
    And documents in "library:films":
      """
      dune: { kind: film }
      alien: { kind: film }
      """

  Scenario: [G2] An id in several collections gives one document per collection
    When I batchGet from "library":
      """
      ids: [alien, nowhere, dune, emma, dune]
      """
    Then the result matches:
      """
      documents:
        - { _id: alien, index: library, collection: films, _source: { kind: film } }
        - { _id: dune, collection: !string }
        - { _id: dune, collection: !string }
        - { _id: emma, collection: books, _source: { kind: book } }
      not_found: [nowhere]
      errors: []
      stats: { requested: 5, unique: 4, duplicates: 1, found: 4, notFound: 1 }
      """

  Scenario: [G1] A whole-index batchGet finds what no search can see yet, in its newest version
    Given the engine never refreshes "library:books" by itself
    And the engine never refreshes "library:films" by itself
    And "library:books" is then overwritten with:
      """
      emma: { kind: book, edition: second }
      unseen: { kind: book }
      """
    When I batchGet from "library":
      """
      ids: [unseen, emma]
      """
    Then the result matches:
      """
      documents:
        - { _id: unseen, collection: books }
        - { _id: emma, collection: books, _version: 2, _source: { edition: second } }
      not_found: []
      errors: []
      """

  Scenario: [G2] [R2] If one collection fails and none has the id, the id is an error
    Given the engine's index behind "library:films" is closed
    When I batchGet from "library":
      """
      ids: [nowhere]
      """
    Then the result matches:
      """
      documents: []
      not_found: []
      errors: [{ _id: nowhere, position: 0, code: unavailable }]
      """

  Scenario: [G2] If another collection has the id, the failed one is reported nevertheless
    Given the engine's index behind "library:films" is closed
    When I batchGet from "library":
      """
      ids: [nowhere, dune]
      """
    Then the result matches:
      """
      documents: [{ _id: dune, collection: books }]
      not_found: []
      errors:
        - { _id: nowhere, collection: films, position: 0, code: unavailable }
        - { _id: dune, collection: films, position: 1, code: unavailable }
      """

  Scenario: [G2] An id by address without a collection is looked up everywhere
    When I batchGet from "library":
      """
      documents: [{ _id: alien }, { _id: alien, collection: books }]
      """
    Then the result matches:
      """
      documents: [{ _id: alien, collection: films }]
      not_found: [{ _id: alien, collection: books }]
      errors: []
      """

  Scenario: [R5] An unknown index is rejected as natively
    When I batchGet from "nolibrary":
      """
      ids: [dune]
      """
    Then it is rejected with 412 "services.storage.unknown_index"

  Scenario: [G3] The number of ids times collections is limited
    Given an empty collection "library:maps"
    When I batchGet from "library":
      """
      ids: !ids 10000
      """
    Then it is rejected with 413 naming "30000 documents"
