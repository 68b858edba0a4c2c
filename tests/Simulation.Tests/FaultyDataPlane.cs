using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation.Tests;

/// <summary>What a data plane may get wrong.</summary>
public enum Fault
{
    /// <summary>An older state replaces a newer one.</summary>
    TakesOlder,

    /// <summary>What is wanted no longer stays.</summary>
    KeepsRemoved,

    /// <summary>Who has the address in one environment answers in the others.</summary>
    MixesEnvironments,

    /// <summary>A node that is expected is not found where it arrives.</summary>
    LeavesMoved,

    /// <summary>Everybody is ready.</summary>
    AlwaysReady,

    /// <summary>Nobody is.</summary>
    NeverReady,
}

/// <summary>The simulated data plane with one fault, to see the conformance suite find it.</summary>
internal sealed class FaultyDataPlane(IDataPlane inner, Fault fault) : IDataPlane
{
    private ImmutableArray<SwitchEnvironment> _seen = [];
    private long _applied;

    /// <inheritdoc/>
    public Task ApplyAsync(SwitchWanted wanted, CancellationToken cancel)
    {
        if (fault == Fault.TakesOlder) wanted = wanted with { Generation = 1, Version = ++_applied };
        var now = wanted.Environments;
        _seen = [.. now, .. _seen.Where(old => now.All(one => one.Environment != old.Environment))];
        if (fault == Fault.KeepsRemoved) wanted = wanted with { Environments = _seen };
        if (fault == Fault.LeavesMoved)
            wanted = wanted with
            {
                Environments =
                [
                    .. now.Select(one => one with
                    {
                        Entries = [.. one.Entries.Select(entry => entry with { PreboundHost = null })],
                    }),
                ],
            };
        return inner.ApplyAsync(wanted, cancel);
    }

    /// <inheritdoc/>
    public async Task<bool> AwaitReadyAsync(
        EnvironmentId environment, string ip, TimeSpan timeout, CancellationToken cancel)
    {
        if (fault is Fault.AlwaysReady or Fault.NeverReady) return fault == Fault.AlwaysReady;
        if (fault != Fault.MixesEnvironments) return await inner.AwaitReadyAsync(environment, ip, timeout, cancel);
        foreach (var one in _seen)
            if (await inner.AwaitReadyAsync(one.Environment, ip, timeout / _seen.Length, cancel)) return true;
        return false;
    }

    /// <inheritdoc/>
    public Task<PingFigures> PingAsync(
        EnvironmentId environment, string ip, int count, TimeSpan interval, CancellationToken cancel) =>
        inner.PingAsync(environment, ip, count, interval, cancel);

    /// <inheritdoc/>
    public Task<JsonElement> StatusAsync(CancellationToken cancel) => inner.StatusAsync(cancel);
}
