Feature: Kuzzle describes the plugin's actions like its own

  Scenario Outline: <action> is in the public API
    When I call "server:publicApi"
    Then the result matches:
      """
      batch:
        <action>:
          controller: batch
          action: <action>
          http: <routes>
      """

    Examples:
      | action   | routes                                                                                                                     |
      | batchGet | [{ verb: POST, path: "/_/batch/:index/:collection/_batchGet" }, { verb: POST, path: "/_/batch/:index/_batchGet" }] |
      | mWrite   | [{ verb: POST, path: "/_/batch/:index/:collection/_mWrite" }]                                                            |
      | mUpdate  | [{ verb: PUT, path: "/_/batch/:index/:collection/_mUpdate" }]                                                            |
      | batchWrite | [{ verb: POST, path: "/_/batch/:index/:collection/_batchWrite" }, { verb: POST, path: "/_/batch/:index/_batchWrite" }] |
      | limits   | [{ verb: GET, path: "/_/batch/limits" }] |

  @http
  Scenario Outline: <verb> <path> has an inline request schema with properties in OpenAPI
    When I ask for the OpenAPI description of the application
    Then it describes "<verb>" "<path>" with the body properties "<properties>"

    Examples:
      | verb | path                                    | properties     |
      | post | /_/batch/{index}/_batchGet              | ids, documents |
      | post | /_/batch/{index}/{collection}/_batchGet | ids, documents |
      | post | /_/batch/{index}/{collection}/_mWrite   | documents      |
      | put  | /_/batch/{index}/{collection}/_mUpdate  | documents      |
      | post | /_/batch/{index}/_batchWrite | operations |
      | post | /_/batch/{index}/{collection}/_batchWrite | operations |

  @http
  Scenario: Every route of the plugin has a request schema with properties, which the admin console needs
    When I ask for the OpenAPI description of the application
    Then every route under "/_/batch/" has a request schema with properties
