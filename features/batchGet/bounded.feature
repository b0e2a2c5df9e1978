Feature: batchGet limits the size of its response

  The application under test allows 2 MB.

  Background:
    Given large documents in "library:scans":
      | first  | 900  |
      | second | 900  |
      | third  | 900  |
      | giant  | 2500 |
      | last   | 1    |

  Scenario: [G3] [R1] [R3] Documents that do not fit are unprocessed, ready for the next request
    When I batchGet from "library:scans":
      """
      ids: [first, nowhere, second, third, giant, last, nobody]
      """
    Then the result matches:
      """
      documents: [{ _id: first }, { _id: second }]
      not_found: [nowhere]
      errors: []
      unprocessed: [third, giant, last, nobody]
      """
    And I remember the result's "unprocessed" as "rest"
    When I batchGet from "library:scans":
      """
      ids: ${rest}
      """
    Then the result matches:
      """
      documents: [{ _id: third }, { _id: last }]
      not_found: [nobody]
      errors: [{ _id: giant, collection: scans, position: 1, status: 413, code: too_large, retryable: false }]
      unprocessed: []
      """

  Scenario: [G3] Documents requested by address are unprocessed by address
    When I batchGet from "library":
      """
      documents:
        - { _id: first, collection: scans }
        - { _id: second, collection: scans }
        - { _id: third, collection: scans }
        - { _id: last }
      """
    Then the result matches:
      """
      documents: [{ _id: first }, { _id: second }]
      """
    And the result's "unprocessed" is exactly:
      """
      [{ _id: third, collection: scans }, { _id: last }]
      """

  Scenario: [G3] A mask makes room
    When I batchGet from "library:scans" with { source: false }:
      """
      ids: [first, second, third, giant, last]
      """
    Then the result's "documents" has 5 entries

  Scenario: [G3] [G4] A strict request fails for what did not fit
    When I batchGet from "library:scans" with { strict: true }:
      """
      ids: [first, second, third]
      """
    Then it is rejected with 400 "batch.get.incomplete" and the errors:
      """
      - { _id: third, position: 2, status: 413, code: too_large, retryable: true }
      """
