using System.Text.Json;
using VioActors.Actors.Host.Agent;
using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation;

/// <summary>The switch of a simulated host; its state is in the <see cref="SimHost"/> and outlives the agent.</summary>
public sealed class SimDataPlane(SimHost host) : IDataPlane, IReadyProbe
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);
    private const int MostPings = 60_000;
    private readonly SimWorld _world = host.World;

    /// <inheritdoc/>
    public Task ApplyAsync(SwitchWanted wanted, CancellationToken cancel)
    {
        lock (_world.Gate)
        {
            if (host.IsDead || host.ShouldFail(SimCall.ApplySwitch)) return Task.FromException(Down());
            var applied = host.Applied;
            if (applied is null
                || (wanted.Generation, wanted.Version).CompareTo((applied.Generation, applied.Version)) >= 0)
                host.Applied = wanted;
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> AwaitReadyAsync(
        EnvironmentId environment, string ip, TimeSpan timeout, CancellationToken cancel)
    {
        var until = _world.Time.GetUtcNow() + timeout;
        while (!Answers(environment, ip))
        {
            if (_world.Time.GetUtcNow() >= until) return false;
            await Task.Delay(ProbeInterval, _world.Time, cancel);
        }
        return true;
    }

    /// <inheritdoc/>
    public async Task<PingFigures> PingAsync(
        EnvironmentId environment, string ip, int count, TimeSpan interval, CancellationToken cancel)
    {
        Check(environment, ip, count, interval);
        var (received, gap, longest) = (0, TimeSpan.Zero, TimeSpan.Zero);
        for (var sent = 0; sent < count; sent++)
        {
            if (sent > 0) await Task.Delay(interval, _world.Time, cancel);
            if (Answers(environment, ip))
            {
                received++;
                gap = TimeSpan.Zero;
            }
            else
            {
                gap += interval;
            }
            if (gap > longest) longest = gap;
        }
        var microseconds = received == 0 ? 0 : _world.Speeds.RoundTrip.TotalMicroseconds;
        return new PingFigures(count, received, 0, longest.TotalMilliseconds, microseconds, microseconds);
    }

    /// <inheritdoc/>
    public Task<JsonElement> StatusAsync(CancellationToken cancel)
    {
        lock (_world.Gate)
        {
            return Task.FromResult(JsonSerializer.SerializeToElement(new
            {
                dataPlane = "sim",
                generation = host.Applied?.Generation,
                version = host.Applied?.Version,
                environments = host.Applied is { } applied ? applied.Environments.Select(Status).ToArray() : [],
            }, Wire.Json));
        }
    }

    private object Status(SwitchEnvironment table) => new
    {
        id = table.Environment.Value,
        ports = table.Entries.Where(entry => SimGuests.IsPlace(entry, host.Id)).Select(entry => new
        {
            node = entry.Node.Value,
            open = entry.Host == host.Id || host.Executes(entry.Node),
        }).ToArray(),
    };

    private void Check(EnvironmentId environment, string ip, int count, TimeSpan interval)
    {
        if (count is < 1 or > MostPings || interval < ShortestInterval)
            throw new DataPlaneException(
                "bad-request", $"A ping is 1 to {MostPings} requests, at least 10 ms apart.", "Ask for less.");
        lock (_world.Gate)
        {
            if (host.IsDead) throw Down();
            if (SimGuests.Table(host, environment) is not { } table)
                throw new DataPlaneException(
                    "unknown-environment", $"Environment {environment} is not on host {host.Id}.",
                    "Ask a host that has a node of it.");
            if (SimGuests.Entry(table, ip) is null)
                throw new DataPlaneException(
                    "unknown-node", $"No node of environment {environment} has the address {ip}.",
                    "See the environment's nodes.");
        }
    }

    private DataPlaneException Down() => new(
        "switch-down", $"The switch of host {host.Id} does not answer.", "It is restarted; send the state again.");

    private bool Answers(EnvironmentId environment, string ip)
    {
        lock (_world.Gate) return SimGuests.Answers(host, environment, ip);
    }
}
