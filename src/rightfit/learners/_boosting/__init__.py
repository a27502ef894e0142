"""The parts of gradient boosting: columns as XGBoost reads them, losses as its objectives, boosters that grow round by
round on all resamples together, the rule that ends them, and what penalties did to their leaves."""
