Feature: mWrite creates or replaces documents and reports each

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune, edition: first, stock: 3 }
      """

  Scenario: [W1] [R1] [R3] [I1] Results of created and replaced documents are native ones, with their position
    When I mWrite to "library:books":
      """
      documents:
        - { _id: emma, body: { title: Emma } }
        - { _id: dune, body: { title: Dune, edition: second } }
        - { body: { title: Untitled } }
      """
    Then the result matches:
      """
      successes:
        - { _id: emma, _version: 1, _seq_no: !integer , _primary_term: !integer , created: true, position: 0 }
        - { _id: dune, _version: 2, _seq_no: !integer , _primary_term: !integer , created: false, position: 1 }
        - { _id: !string , _version: 1, created: true, position: 2, _source: { title: Untitled } }
      errors: []
      stats: { requested: 3, written: 3, errors: 0, conflicts: 0, retries: 0, engineCalls: 1 }
      """
    And the result's "successes[0]._source" is exactly:
      """
      { title: Emma }
      """
    And I remember the result's "successes[2]._id" as "assigned"
    And "library:books" stores exactly:
      """
      emma: { title: Emma }
      dune: { title: Dune, edition: second }
      ${assigned}: { title: Untitled }
      """

  Scenario: With source false the documents are returned without their source
    When I mWrite to "library:books" with { source: false }:
      """
      documents: [{ _id: emma, body: { title: Emma } }]
      """
    Then the result matches:
      """
      successes: [{ _id: emma, _source: !absent , _version: 1, created: true, position: 0 }]
      """
    And "library:books" stores:
      """
      emma: { title: Emma }
      """

  Scenario: Low-level as natively: no metadata is added, the caller's own stays
    When I mWrite to "library:books":
      """
      documents:
        - { _id: plain, body: {} }
        - { _id: stamped, body: { _kuzzle_info: { author: me } } }
      """
    Then the result matches:
      """
      errors: []
      """
    And "library:books" stores exactly:
      """
      dune: { title: Dune, edition: first, stock: 3 }
      plain: {}
      stamped: { _kuzzle_info: { author: me } }
      """

  Scenario: Without documents there is nothing to do, as natively
    When I mWrite to "library:books":
      """
      documents: []
      """
    Then the result matches:
      """
      successes: []
      errors: []
      stats: { requested: 0, written: 0, errors: 0, engineCalls: 0 }
      """

  Scenario: [W1] [R7] [R9] Invalid documents are errors, and the others are written
    When I mWrite to "library:books":
      """
      documents:
        - { _id: good, body: { title: Good } }
        - { _id: "", body: { title: Empty id } }
        - { _id: 7, body: { title: Number id } }
        - { _id: !bytes 513, body: { title: Long id } }
        - { _id: seed, _source: { title: Not a body } }
        - { _id: nobody }
        - { _id: list, body: [1] }
        - { _id: text, body: text }
        - { _id: none, body: null }
        - text
        - null
        - { _id: longest, body: { title: Longest } }
        - { _id: half, body: { title: Half }, ifSeqNo: 1 }
        - { _id: half, body: { title: Half }, ifPrimaryTerm: 1 }
        - { _id: both, body: { title: Both }, ifAbsent: true, ifSeqNo: 1, ifPrimaryTerm: 1 }
        - { _id: odd, body: { title: Odd }, ifSeqNo: -1, ifPrimaryTerm: 1 }
        - { _id: odd, body: { title: Odd }, ifSeqNo: one, ifPrimaryTerm: 1 }
        - { _id: odd, body: { title: Odd }, ifAbsent: maybe }
        - { _id: last, body: { title: Last } }
      """
    Then the result matches:
      """
      successes:
        - { _id: good, position: 0 }
        - { _id: longest, position: 11 }
        - { _id: last, position: 18 }
      errors:
        - { position: 1, code: invalid, status: 400, retryable: false, reason: !string , document: { body: { title: Empty id } } }
        - { position: 2, code: invalid, document: { _id: 7 } }
        - { position: 3, code: invalid }
        - { position: 4, code: invalid, document: { _id: seed }, reason: !match /body/ }
        - { position: 5, code: invalid, reason: !match /body/ }
        - { position: 6, code: invalid, reason: !match /body/ }
        - { position: 7, code: invalid }
        - { position: 8, code: invalid }
        - { position: 9, code: invalid }
        - { position: 10, code: invalid }
        - { position: 12, code: invalid, reason: !match /ifPrimaryTerm/ }
        - { position: 13, code: invalid, reason: !match /ifSeqNo/ }
        - { position: 14, code: invalid }
        - { position: 15, code: invalid }
        - { position: 16, code: invalid }
        - { position: 17, code: invalid, reason: !match /ifAbsent/ }
      """
    And "library:books" stores 4 documents

  Scenario: [W1] [R9] A rejection by the engine is an error of its document, in the seed's shape
    When I mWrite to "library:books":
      """
      documents:
        - { _id: emma, body: { stock: 1 } }
        - { _id: odd, body: { stock: plenty } }
        - { _id: ulysses, body: { stock: 2 } }
      """
    Then the result matches:
      """
      successes: [{ _id: emma, position: 0 }, { _id: ulysses, position: 2 }]
      errors:
        - document: { _id: odd, body: { stock: plenty } }
          status: 400
          reason: !match /stock/
          code: mapping
          retryable: false
          position: 1
      stats: { requested: 3, written: 2, errors: 1 }
      """
    And "library:books" stores:
      """
      odd: null
      ulysses: { stock: 2 }
      """

  Scenario: [R3] [W4] The results of a batch of many chunks are in the order of the request
    When I mWrite to "library:books" with { source: false }:
      """
      documents: !documents 500
      """
    Then the result's "successes" has 500 entries
    And "library:books" stores 501 documents

  Scenario: [W4] Documents with the same id are written in order, and the last one stays
    When I mWrite to "library:books":
      """
      documents:
        - { _id: emma, body: { n: 1 } }
        - { _id: dune, body: { n: 1 } }
        - { _id: emma, body: { n: 2 } }
        - { _id: emma, body: { n: 3 } }
      """
    Then the result matches:
      """
      successes:
        - { _id: emma, position: 0, _version: 1, created: true, _source: { n: 1 } }
        - { _id: dune, position: 1, _version: 2, created: false }
        - { _id: emma, position: 2, _version: 2, created: false, _source: { n: 2 } }
        - { _id: emma, position: 3, _version: 3, created: false, _source: { n: 3 } }
      """
    And "library:books" stores exactly:
      """
      dune: { n: 1 }
      emma: { n: 3 }
      """

  Scenario: [W4] With refresh=wait_for a search finds every document, including repeated ones
    When I mWrite to "library:books" with { refresh: wait_for }:
      """
      documents:
        - { _id: emma, body: { n: 1 } }
        - { _id: ulysses, body: { n: 1 } }
        - { _id: emma, body: { n: 2 } }
      """
    Then the result matches:
      """
      successes: [{ position: 0 }, { position: 1 }, { position: 2 }]
      """
    And a search in "library:books" finds:
      | dune    |
      | emma    |
      | ulysses |

  Scenario: [R2] [R9] With a closed index all documents are errors
    Given the engine's index behind "library:books" is closed
    When I mWrite to "library:books":
      """
      documents: [{ _id: emma, body: {} }, { _id: dune, body: {} }]
      """
    Then the result matches:
      """
      successes: []
      errors:
        - { document: { _id: emma }, position: 0, code: unavailable }
        - { document: { _id: dune }, position: 1, code: unavailable }
      """
