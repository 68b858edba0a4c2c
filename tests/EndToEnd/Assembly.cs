// These tests own machine-wide resources and measure time: side by side they would only disturb each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
