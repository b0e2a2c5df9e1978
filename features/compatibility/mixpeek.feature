Feature: A client of Mixpeek works as before

  Background:
    Given a document "doc-1" in "library:articles" as Mixpeek's example has it
    And documents in "library:books":
      """
      dune: { title: Dune }
      """

  Scenario: [D2] Documents and what was not found, in the seed's keys
    When I batch-get from the namespace "library":
      """
      document_ids: [nowhere, dune, doc-1]
      """
    Then the answer matches:
      """
      documents:
        - document_id: dune
          collection_id: books
          document_blobs: []
          _internal:
            { document_id: dune, collection_id: books, namespace_id: library, internal_id: null, lineage: null,
              metadata: null, modality: null, created_at: null, updated_at: null }
          _vectors: []
          title: Dune
        - document_id: doc-1
          collection_id: articles
          document_blobs: [{ url: s3://bkt-content/segments/segment_0.mp4, size_bytes: 1048576, presigned_url: null }]
          _internal: { namespace_id: library, modality: text, created_at: !match "^[-0-9]+T[0-9:.]+Z$" }
          _kuzzle_info: !absent
      not_found: [nowhere]
      status: !absent
      result: !absent
      """

  Scenario: [D2] A document as the seed has it is answered with its keys, and no other
    When I batch-get from the namespace "library":
      """
      document_ids: [doc-1, nowhere]
      """
    Then the answer has the keys and types of "batch-get of Mixpeek, nothing signed", and no other

  Scenario Outline: [D2] <count> ids are rejected
    When I batch-get from the namespace "library":
      """
      document_ids: <ids>
      """
    Then it is rejected with 400 naming "document_ids"

    Examples:
      | count | ids       |
      | 0     | []        |
      | 1001  | !ids 1001 |

  Scenario: [D2] A thousand ids are answered
    When I batch-get from the namespace "library":
      """
      document_ids: !ids 1000
      """
    Then the answer matches:
      """
      documents: []
      not_found: !ids 1000
      """

  Scenario: [D2] [R5] Only the collections that the caller may read are searched
    Given documents in "library:films":
      """
      dune: { title: The film }
      alien: { title: Alien }
      """
    And "reader" may only:
      | batch/documents:batchGet |               |
      | document:mGet            | library:books |
    And I am reader
    When I batch-get from the namespace "library":
      """
      document_ids: [dune, alien]
      """
    Then the answer matches:
      """
      documents: [{ document_id: dune, collection_id: books, title: Dune }]
      not_found: [alien]
      """

  Scenario Outline: [D2] [R5] If the user may read nothing, the request is rejected: <namespace>
    Given an empty collection "archive:letters"
    And "reader" may only:
      | batch/documents:batchGet |               |
      | document:mGet            | library:books |
    And I am reader
    When I batch-get from the namespace "<namespace>":
      """
      document_ids: [dune]
      """
    Then it is rejected with 403 "security.rights.forbidden"

    Examples:
      | namespace |
      | archive   |
      | nowhere   |
      | lib*      |

  Scenario: [D2] [R2] An engine failure is a 503 for the whole request, never a not_found
    Given the engine's index behind "library:films" is closed
    When I batch-get from the namespace "library":
      """
      document_ids: [dune, nowhere]
      """
    Then it is rejected with 503 "batch.documents.incomplete" and the errors:
      """
      - { _id: dune, collection: films, position: 0, code: unavailable }
      - { _id: nowhere, collection: films, position: 1, code: unavailable }
      """

  @pipes
  Scenario: [R6] The application's pipes also run here
    Given documents in "library:piped":
      """
      mine: { owner: features-admin, secret: mine }
      hidden: { hidden: true }
      """
    And the application's pipes for:
      | generic reading |
    When I batch-get from the namespace "library":
      """
      document_ids: [mine, hidden]
      """
    Then it is rejected with 403 "batch.documents.forbidden" and the errors:
      """
      - { _id: hidden, position: 1, code: forbidden }
      """

  @http
  Scenario Outline: [D2] [D3] The namespace is taken from the header, or else from the query: <headers> <query>
    When I batch-get over HTTP with the query "<query>" and the headers <headers>:
      """
      document_ids: [dune]
      """
    Then the answer matches:
      """
      documents: [{ document_id: dune }]
      """

    Examples:
      | headers                | query              |
      | { X-Namespace: library } | ?namespace=archive |
      | { x-namespace: library } |                    |
      | {}                     | ?namespace=library |

  @http
  Scenario: [D3] Kuzzle's default settings do not let browsers send the header, so they use the query
    Then a browser may not send "X-Namespace" to "/v1/documents/batch-get"
    When I batch-get over HTTP with the query "?namespace=library" and the headers { Origin: "https://app.example.com" }:
      """
      document_ids: [dune]
      """
    Then the answer matches:
      """
      documents: [{ document_id: dune }]
      """

  @http
  Scenario: [D2] Without a namespace the request is rejected
    When I batch-get over HTTP with the query "" and the headers {}:
      """
      document_ids: [dune]
      """
    Then it is rejected with 400 naming "namespace"

  Scenario: [D2] An API key is as good as a token
    Given I am known by an API key
    When I batch-get from the namespace "library":
      """
      document_ids: [dune]
      """
    Then the answer matches:
      """
      documents: [{ document_id: dune }]
      """
