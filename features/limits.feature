Feature: batch:limits tells a client how to split its requests

  Scenario: [R5] With its right, it returns Kuzzle's limits and the plugin's own
    Given "loader" may only:
      | batch:limits |
    And I am loader
    When I call "batch:limits"
    Then the result matches:
      """
      maxRequestBytes: 1048576
      documentsFetchCount: 10000
      documentsWriteCount: 200
      maxLookups: 20000
      maxResponseBytes: 2000000
      atomicMaxDocuments: 120
      atomicMaxBytes: 100000
      """

  Scenario: [R5] Without the right it is rejected
    Given "reader" may only:
      | batch:batchGet |
    And I am reader
    When I call "batch:limits"
    Then it is rejected with 403 "security.rights.forbidden"
