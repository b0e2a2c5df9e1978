Feature: batch:metrics reports what the actions of this node have done

  Scenario: [I2] After a series of requests the metrics have increased by the expected counts
    Given documents in "library:books":
      """
      dune: { stock: 3 }
      emma: { stock: 1 }
      """
    And "reader" may only:
      | batch:batchGet |
    And the metrics as they are now
    When I batchGet from "library:books":
      """
      ids: [dune, nowhere, emma]
      """
    And I batchGet from "library:books":
      """
      ids: [dune, dune]
      """
    And I mWrite to "library:books":
      """
      documents: [{ _id: maps, body: { stock: 7 } }, { _id: "", body: {} }]
      """
    And I mUpdate in "library:books":
      """
      documents:
        - { _id: dune, body: { stock: 2 } }
        - { _id: nowhere, body: { stock: 2 } }
        - { _id: dune, body: { stock: 1 } }
      """
    And I mUpdate in "library:books" with { retryOnConflict: 5 }:
      """
      documents: [{ _id: dune, body: { stock: 0 }, ifSeqNo: 0, ifPrimaryTerm: 1 }]
      """
    And I mUpdate in "library:books":
      """
      documents: [{ _id: dune, body: { stock: 4 } }]
      """
    And I mUpdate in "library:books" without a body
    And I am reader
    And I batchGet from "library:books":
      """
      ids: [dune]
      """
    Then the metrics have grown by exactly:
      | operation_duration_seconds_count batchGet complete | 2 |
      | operation_duration_seconds_count batchGet failed   | 1 |
      | operation_duration_seconds_count mWrite partial    | 1 |
      | operation_duration_seconds_count mUpdate partial   | 2 |
      | operation_duration_seconds_count mUpdate complete  | 1 |
      | operation_duration_seconds_count mUpdate failed    | 1 |
      | documents_total batchGet found                     | 3 |
      | documents_total batchGet not_found                 | 1 |
      | write_operations_total mWrite write done           | 1 |
      | write_operations_total mWrite write error          | 1 |
      | write_operations_total mUpdate update done         | 3 |
      | write_operations_total mUpdate update error        | 2 |
      | documents_total mWrite written                     | 1 |
      | documents_total mWrite error                       | 1 |
      | documents_total mUpdate updated                    | 3 |
      | documents_total mUpdate error                      | 2 |
      | request_documents_count batchGet                   | 2 |
      | request_documents_sum batchGet                     | 5 |
      | request_documents_count mWrite                     | 1 |
      | request_documents_sum mWrite                       | 2 |
      | request_documents_count mUpdate                    | 3 |
      | request_documents_sum mUpdate                      | 5 |
      | conflicts_total mUpdate                            | 1 |
      | engine_calls_total mget                            | 3 |
      | engine_duration_seconds_count mget                 | 3 |
      | engine_calls_total bulk                            | 5 |
      | engine_duration_seconds_count bulk                 | 5 |
      | document_errors_total mUpdate not_found            | 1 |
      | document_errors_total mUpdate version_conflict     | 1 |
      | document_errors_total mWrite invalid               | 1 |

  Scenario: [I2] [M1] The operations of a batchWrite are counted by kind and outcome
    Given documents in "library:books":
      """
      dune: { stock: 3 }
      emma: { stock: 1 }
      """
    And the metrics as they are now
    When I batchWrite to "library":
      """
      operations:
        - create: { collection: books, _id: dune, body: {} }
        - create: { collection: books, _id: maps, body: {} }
        - update: { collection: books, _id: emma, body: { stock: 2 } }
        - delete: { collection: books, _id: dune }
        - remove: { collection: books, _id: emma }
      """
    Then the metrics have grown by exactly:
      | operation_duration_seconds_count batchWrite partial | 1 |
      | write_operations_total batchWrite create done       | 1 |
      | write_operations_total batchWrite create error      | 1 |
      | write_operations_total batchWrite update done       | 1 |
      | write_operations_total batchWrite delete done       | 1 |
      | write_operations_total batchWrite unknown error     | 1 |
      | documents_total batchWrite written                  | 3 |
      | documents_total batchWrite error                    | 2 |
      | document_errors_total batchWrite version_conflict   | 1 |
      | document_errors_total batchWrite invalid            | 1 |
      | request_documents_count batchWrite                  | 1 |
      | request_documents_sum batchWrite                    | 5 |
      | conflicts_total batchWrite                          | 1 |
      | engine_calls_total bulk                             | 2 |
      | engine_duration_seconds_count bulk                  | 2 |
      | engine_calls_total mget                             | 1 |
      | engine_duration_seconds_count mget                  | 1 |

  @http
  Scenario: [I2] [R11] Over HTTP they are plain text
    When I GET "/_/batch/metrics"
    Then the answer is Prometheus text, of this plugin alone

  @websocket
  Scenario: [I2] [R11] Over WebSocket they are a value
    Then the metrics over this protocol are a content type and a text

  @mqtt
  Scenario: [I2] [R11] Over MQTT they are a value
    Then the metrics over this protocol are a content type and a text

  Scenario: [I2] [R5] Without the right the request is rejected
    Given "reader" may only:
      | batch:batchGet |
    And I am reader
    When I call "batch:metrics"
    Then it is rejected with 403 "security.rights.forbidden"

  @http
  Scenario: [I2] [R5] [R11] An error has Kuzzle's envelope, even if the response would be text
    Given I am anonymous
    When I GET "/_/batch/metrics"
    Then the answer is Kuzzle's own error with 401

  @http
  Scenario: [I2] [R5] Its right is sufficient
    Given "scraper" may only:
      | batch:metrics |
    And I am scraper
    When I GET "/_/batch/metrics"
    Then the answer is Prometheus text, of this plugin alone

  @http
  Scenario: [I2] Without kuzzle-plugin-prometheus, Kuzzle's own metrics are unchanged
    When I GET "/_metrics?format=prometheus"
    Then the answer is Kuzzle's own, in JSON
