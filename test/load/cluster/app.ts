/** The Kuzzle of `test:kill` as a node of a cluster on one machine. */
import "./ownAddress";
import "../kill/app";
