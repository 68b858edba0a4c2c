using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>
/// Turns per second of each shard, smoothed. One that comes from another server starts with what that one said. Loop
/// only.
/// </summary>
internal sealed class ShardRates(int shards, TimeProvider time)
{
    /// <summary>After this time a new rate shows by about half.</summary>
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(10);

    private readonly double[] _rates = new double[shards];
    private readonly long?[] _turns = new long?[shards];
    private long _last = time.GetTimestamp();

    /// <summary>By shard, rounded.</summary>
    /// <param name="view">What the others say.</param>
    /// <param name="turnsOf">Turns so far of a shard that is here; null for one that is not.</param>
    public ImmutableArray<int> Next(ClusterView view, Func<int, long?> turnsOf)
    {
        var passed = time.GetElapsedTime(_last);
        _last = time.GetTimestamp();
        for (var shard = 0; shard < _rates.Length; shard++)
        {
            var turns = turnsOf(shard);
            if (turns is null)
                _rates[shard] = view.RateOf(shard);
            else if (_turns[shard] is { } before && passed > TimeSpan.Zero)
                _rates[shard] += ((Math.Max(0, turns.Value - before) / passed.TotalSeconds) - _rates[shard])
                    * (passed / (passed + Smoothing));
            _turns[shard] = turns;
        }
        return [.. _rates.Select(rate => (int)Math.Round(Math.Min(rate, int.MaxValue)))];
    }
}
