Feature: Kuzzle describes the compatibility APIs like its own actions

  Scenario Outline: <controller>:<action> is in the public API
    When I call "server:publicApi"
    Then the result matches:
      """
      <controller>:
        <action>: { controller: <controller>, action: <action>, http: <routes> }
      """

    Examples:
      | controller      | action   | routes                                                                                                            |
      | batch/v1        | mGet     | [{ verb: POST, path: "/v1/:index/:collection/_mGet" }, { verb: POST, path: "/v1/documents/:collection/_mGet" }] |
      | batch/v1        | mUpdate  | [{ verb: PUT, path: "/v1/:index/:collection/_mUpdate" }]                                                        |
      | batch/documents | batchGet | [{ verb: POST, path: "/v1/documents/batch-get" }]                                                               |

  @http
  Scenario Outline: <verb> <path> has an inline request schema with properties in OpenAPI
    When I ask for the OpenAPI description of the application
    Then it describes "<verb>" "<path>" with the body properties "<properties>"

    Examples:
      | verb | path                               | properties                          |
      | post | /v1/{index}/{collection}/_mGet     | ids                                 |
      | post | /v1/documents/{collection}/_mGet   | ids                                 |
      | put  | /v1/{index}/{collection}/_mUpdate  | documents                           |
      | post | /v1/documents/batch-get            | document_ids, return_presigned_urls |

  @http
  Scenario: Every route of the compatibility APIs has a request schema with properties, which the admin console needs
    When I ask for the OpenAPI description of the application
    Then every route under "/v1/" has a request schema with properties
