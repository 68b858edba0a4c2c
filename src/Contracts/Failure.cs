namespace VioActors.Contracts;

/// <summary>Why something did not happen: names the thing, the limit and the next step.</summary>
/// <param name="Code">
/// Stable code for programs, for example <c>host-unreachable</c>; see <see cref="FailureCode"/>.
/// </param>
/// <param name="Reason">One sentence that names the thing and the limit.</param>
/// <param name="Remedy">One sentence: the next step.</param>
public sealed record Failure(string Code, string Reason, string Remedy)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Reason} {Remedy}";
}

/// <summary>Codes that other parts act on. Others are free text for people.</summary>
public static class FailureCode
{
    /// <summary>The agent of the host is not connected, or did not answer in time: what it did is unknown.</summary>
    public const string HostUnreachable = "host-unreachable";

    /// <summary>The agent has seen a higher (generation, run) pair for this node and refused.</summary>
    public const string StaleRun = "stale-run";

    /// <summary>A machine executes where its environment expects none, and was left alone.</summary>
    public const string StillRuns = "still-runs";

    /// <summary>A machine or disk of the node is on the host that should receive it.</summary>
    public const string AlreadyHere = "already-here";

    /// <summary>The operation was cancelled by a user.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>A node did not answer in its ready timeout.</summary>
    public const string NotReady = "not-ready";

    /// <summary>No host, or not the named one, has the room.</summary>
    public const string NoCapacity = "no-capacity";

    /// <summary>The principal's role does not allow this.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>There is no such thing, or the principal may not see it.</summary>
    public const string NotFound = "not-found";

    /// <summary>The machine that renews its lease was taken out of the environment.</summary>
    public const string NotConnected = "not-connected";
}
