@http
Feature: Beside kuzzle-plugin-prometheus one target is enough

  Scenario: [I2] Its text ends with ours, on its own route and on Kuzzle's
    Given a Kuzzle with kuzzle-plugin-prometheus
    When a batchGet is sent to it, and then a GET of "/_/metrics"
    Then the answer is Prometheus text, of both plugins
    When a batchGet is sent to it, and then a GET of "/_metrics?format=prometheus"
    Then the answer is Prometheus text, of both plugins
    When a batchGet is sent to it, and then a GET of "/_/batch/metrics"
    Then the answer is Prometheus text, of this plugin alone
    When a batchGet is sent to it, and then a GET of "/_metrics"
    Then the answer is Kuzzle's own, in JSON
