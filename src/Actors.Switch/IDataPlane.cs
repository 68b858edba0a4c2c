using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Switch;

/// <summary>
/// What an agent needs of the data plane of its host, whatever carries the frames. All calls are idempotent and may
/// come from any thread. Failures of the environment are <see cref="DataPlaneException"/>.
/// </summary>
public interface IDataPlane
{
    /// <summary>
    /// Makes the switch equal to the wanted state; returns when it is. A state older than one applied before, by its
    /// generation and then by its version, is ignored.
    /// </summary>
    Task ApplyAsync(SwitchWanted wanted, CancellationToken cancel);

    /// <summary>
    /// True as soon as the node answered ARP and ICMP of this host's prober; false at the timeout, also for a node that
    /// the switch does not know.
    /// </summary>
    Task<bool> AwaitReadyAsync(EnvironmentId environment, string ip, TimeSpan timeout, CancellationToken cancel);

    /// <summary>Sends a series of ICMP echo requests from this host's prober and waits for the answers.</summary>
    /// <param name="environment">Whose prober asks.</param>
    /// <param name="ip">Whom.</param>
    /// <param name="count">How many, 1 to 60,000.</param>
    /// <param name="interval">Time between two, at least 10 ms.</param>
    /// <param name="cancel">Ends the series without figures.</param>
    /// <exception cref="DataPlaneException">
    /// The switch knows no such environment or node, or the series is out of its limits.
    /// </exception>
    Task<PingFigures> PingAsync(EnvironmentId environment, string ip, int count, TimeSpan interval,
        CancellationToken cancel);

    /// <summary>
    /// The switch's own status document. It holds at least <c>environments</c>, each with its <c>id</c> and the
    /// <c>ports</c> of this host, each of those with its <c>node</c> and whether it is <c>open</c>.
    /// </summary>
    Task<JsonElement> StatusAsync(CancellationToken cancel);
}

/// <summary>The data plane could not do it. Names the thing, the limit and the next step.</summary>
/// <param name="code">Stable code for programs.</param>
/// <param name="reason">One sentence that names the thing and the limit.</param>
/// <param name="remedy">One sentence: the next step.</param>
/// <param name="inner">The cause.</param>
public sealed class DataPlaneException(string code, string reason, string remedy, Exception? inner = null)
    : Exception($"{reason} {remedy}", inner)
{
    /// <summary>The failure as an answer to a server.</summary>
    public Failure Failure { get; } = new(code, reason, remedy);
}
