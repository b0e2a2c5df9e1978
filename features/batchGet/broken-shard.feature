Feature: batchGet does not mistake a broken shard for an empty one

  Background:
    Given documents in "library:books":
      """
      dune: { kind: book }
      """
    And documents in "library:films":
      """
      dune: { kind: film }
      alien: { kind: film }
      """
    And no node of the engine has the shard of "library:films"

  Scenario: [R2] [R9] Its documents are retryable errors
    When I batchGet from "library:films":
      """
      ids: [alien, nowhere]
      """
    Then the result matches:
      """
      documents: []
      not_found: []
      errors:
        - { _id: alien, collection: films, position: 0, status: 503, code: unavailable, retryable: true, reason: !string }
        - { _id: nowhere, collection: films, position: 1, status: 503, code: unavailable, retryable: true }
      """

  Scenario: [G2] [R2] In the whole index it is named for each id, and the others are found
    When I batchGet from "library":
      """
      ids: [nowhere, dune, alien]
      """
    Then the result matches:
      """
      documents: [{ _id: dune, collection: books }]
      not_found: []
      errors:
        - { _id: nowhere, collection: films, position: 0, status: 503, code: unavailable, retryable: true }
        - { _id: dune, collection: films, position: 1, status: 503, code: unavailable, retryable: true }
        - { _id: alien, collection: films, position: 2, status: 503, code: unavailable, retryable: true }
      """

  Scenario: [G4] [R2] A strict request reports what failed and what is missing
    When I batchGet from "library" with { strict: true }:
      """
      documents:
        - { _id: alien, collection: films }
        - { _id: dune, collection: books }
        - { _id: nowhere, collection: books }
      """
    Then it is rejected with 400 "batch.get.incomplete" and the errors:
      """
      - { _id: alien, collection: films, position: 0, status: 503, code: unavailable, retryable: true }
      - { _id: nowhere, collection: books, position: 2, status: 404, code: not_found, retryable: false }
      """
