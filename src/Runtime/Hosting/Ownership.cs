using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>
/// Which shards are loaded here and under which epoch, for readers on any thread. The loop alone writes it.
/// </summary>
internal sealed class Ownership
{
    private sealed record Look(ImmutableArray<ShardToken> Tokens, TaskCompletionSource Changed);

    private volatile Look _look = NewLook([]);

    /// <summary>Completes at the next change.</summary>
    public Task Changed => _look.Changed.Task;

    /// <summary>Numbers of the loaded shards.</summary>
    public ImmutableArray<int> Shards => [.. _look.Tokens.Select(token => token.Shard)];

    /// <summary>The epoch under which a shard is loaded here; null when it is not.</summary>
    public long? EpochOf(int shard)
    {
        foreach (var token in _look.Tokens)
        {
            if (token.Shard == shard)
                return token.Epoch;
        }
        return null;
    }

    /// <summary>What is loaded now.</summary>
    public void See(IEnumerable<ShardToken> loaded)
    {
        var before = _look;
        if (before.Tokens.SequenceEqual(loaded))
            return;
        _look = NewLook([.. loaded]);
        before.Changed.TrySetResult();
    }

    private static Look NewLook(ImmutableArray<ShardToken> tokens) =>
        new(tokens, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
