Feature: Kuzzle's own actions gain features of the plugin, and are otherwise unchanged

  Background:
    Given documents in "library:books":
      """
      dune: { title: Dune }
      emma: { title: Emma }
      """

  Scenario: [D4] mGet lists the missing documents
    When I ask natively for "document:mGet" in "library:books":
      """
      ids: [nowhere, dune, elsewhere]
      """
    Then the result matches:
      """
      successes: [{ _id: dune }]
      errors: [nowhere, elsewhere]
      not_found: [nowhere, elsewhere]
      """

  Scenario: [D4] [R2] mGet does not report an unreadable document as missing
    Given the engine's index behind "library:films" is closed
    When I ask natively for "document:mGet" in "library:films":
      """
      ids: [alien, nowhere]
      """
    Then the result's "errors" is exactly:
      """
      [alien, nowhere]
      """
    And the result's "not_found" is exactly:
      """
      []
      """

  Scenario: [D4] A strict mWrite is rejected before anything is written
    Given a collection "library:strict" with the mapping:
      """
      dynamic: strict
      properties: { title: { type: keyword } }
      """
    When I ask natively for "bulk:mWrite" in "library:strict" with { strict: true }:
      """
      documents:
        - { _id: dune, body: { title: Dune } }
        - { _id: emma, body: { stock: 1 } }
      """
    Then it is rejected with 400 "batch.write.refused" and the errors:
      """
      - { document: { _id: emma, body: { stock: 1 } }, position: 1, code: mapping }
      """
    And "library:strict" stores nothing

  Scenario: [D4] A request that is not strict is written as before
    Given a collection "library:strict" with the mapping:
      """
      dynamic: strict
      properties: { title: { type: keyword } }
      """
    When I ask natively for "bulk:mWrite" in "library:strict":
      """
      documents:
        - { _id: dune, body: { title: Dune } }
        - { _id: emma, body: { stock: 1 } }
      """
    Then the result matches:
      """
      successes: [{ _id: dune }]
      errors: [{ document: { _id: emma } }]
      """

  Scenario: [D4] Native responses are unchanged except for not_found
    Given documents in "library:copies":
      """
      dune: { title: Dune }
      emma: { title: Emma }
      """
    Then on "library:books" with the plugin's pipes, and on "library:copies" without, these answer the same, "not_found" aside:
      """
      - { controller: document, action: mGet, body: { ids: [emma, dune] } }
      - { controller: document, action: mGet, body: { ids: [emma, nowhere, dune, nowhere] } }
      - { controller: document, action: mGet, body: { ids: [nowhere] } }
      - { controller: document, action: mGet, body: { ids: [emma, 7] } }
      - { controller: document, action: mGet, body: { ids: [] } }
      - { controller: document, action: mGet, body: {} }
      - { controller: document, action: mGet, body: { ids: [emma, nowhere] }, strict: true }
      - { controller: document, action: mGet, body: { ids: [emma, dune] }, strict: true }
      - { controller: document, action: get, _id: emma }
      - { controller: document, action: mExists, body: { ids: [emma, nowhere] } }
      - { controller: bulk, action: mWrite, body: { documents: [{ _id: ulysses, body: { n: 1 } }, { _id: 7, body: { n: 2 } }] } }
      - { controller: bulk, action: mWrite, body: { documents: [{ _id: ulysses, body: { n: many } }, { _id: dune, body: 7 }] } }
      - { controller: bulk, action: mWrite, body: { documents: [{ _id: dune, body: { n: 3 } }] }, strict: true, notify: true, refresh: wait_for }
      - { controller: bulk, action: mWrite, body: { documents: [{ _id: 8, body: { n: 4 }, ifSeqNo: 1 }] }, strict: true, source: false }
      - { controller: bulk, action: mWrite, body: { documents: none }, strict: true }
      - { controller: bulk, action: mWrite, body: {}, strict: true }
      - { controller: bulk, action: write, _id: solaris, body: { title: Solaris } }
      - { controller: document, action: mUpdate, body: { documents: [{ _id: emma, body: { stock: 2 } }, { _id: nowhere, body: {} }] } }
      - { controller: document, action: mUpdate, body: { documents: [{ _id: emma, body: { stock: 3 } }] }, strict: true }
      - { controller: document, action: mUpdate, body: { documents: [{ _id: nowhere, body: { stock: 3 } }] }, strict: true }
      - { controller: document, action: mDelete, body: { ids: [emma, nowhere] } }
      - { controller: document, action: mGet, body: { ids: [emma, dune, ulysses] } }
      """
