Feature: A strict batchGet returns all documents or says which do not exist

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune }
      emma: { title: Emma }
      """

  Scenario Outline: [G4] [R4] Strict as <strict>: succeeds if all are found
    When I batchGet from "library:books" with { strict: <strict> }:
      """
      ids: [emma, dune]
      """
    Then the result matches:
      """
      documents: [{ _id: emma }, { _id: dune }]
      not_found: []
      errors: []
      """

    Examples:
      | strict |
      | true   |
      | "true" |
      | ""     |

  Scenario Outline: [G4] [R4] [R8] Strict as <strict>: rejected if one is missing
    When I batchGet from "library:books" with { strict: <strict> }:
      """
      ids: [dune, nowhere]
      """
    Then it is rejected with 400 "batch.get.incomplete" and the errors:
      """
      - { _id: nowhere, position: 1, status: 404, code: not_found, retryable: false }
      """

    Examples:
      | strict |
      | true   |
      | "true" |
      | ""     |

  Scenario Outline: [R4] Strict as <strict> is not strict
    When I batchGet from "library:books" with { strict: <strict> }:
      """
      ids: [dune, nowhere]
      """
    Then the result matches:
      """
      not_found: [nowhere]
      """

    Examples:
      | strict  |
      | false   |
      | "false" |

  Scenario: [G4] [R2] The error distinguishes missing and failed documents
    Given the engine's index behind "library:films" is closed
    When I batchGet from "library" with { strict: true }:
      """
      documents:
        - { _id: alien, collection: films }
        - { _id: dune, collection: books }
        - { _id: nowhere, collection: books }
        - { _id: 7, collection: books }
      """
    Then it is rejected with 400 "batch.get.incomplete" and the errors:
      """
      - { _id: alien, collection: films, position: 0, code: unavailable }
      - { _id: nowhere, collection: books, position: 2, code: not_found }
      - { _id: 7, position: 3, code: invalid }
      """

  @http
  Scenario Outline: [R4] Over HTTP, <query> is not strict
    When I POST "/_/batch/library/books/_batchGet?<query>" over HTTP:
      """
      ids: [dune, nowhere]
      """
    Then the result matches:
      """
      documents: [{ _id: dune }]
      not_found: [nowhere]
      """

    Examples:
      | query        |
      | strict=false |
      | source=true  |

  @http
  Scenario Outline: [R4] [G4] Over HTTP, <query> is strict
    When I POST "/_/batch/library/books/_batchGet?<query>" over HTTP:
      """
      ids: [dune, nowhere]
      """
    Then it is rejected with 400 "batch.get.incomplete"

    Examples:
      | query       |
      | strict      |
      | strict=     |
      | strict=true |
