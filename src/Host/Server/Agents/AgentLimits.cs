namespace VioActors.Daemon.Server.Agents;

/// <summary>Bounds of one connection to an agent.</summary>
internal static class AgentLimits
{
    /// <summary>Longest frame, octets; a longer one ends the connection.</summary>
    public const int FrameBytes = 1024 * 1024;

    /// <summary>Requests that may wait for their answers at once; more wait for a place.</summary>
    public const int InFlight = 1024;

    /// <summary>How often one command is asked before the host counts as unreachable: each time the connection broke.</summary>
    public const int Attempts = 10;

    /// <summary>An agent that connects says hello within this.</summary>
    public static readonly TimeSpan Hello = TimeSpan.FromSeconds(10);

    /// <summary>A frame that cannot be handed over within this ends the connection.</summary>
    public static readonly TimeSpan Send = TimeSpan.FromSeconds(30);

    /// <summary>Both sides have said goodbye within this, or the connection is cut.</summary>
    public static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    /// <summary>Silence after which the agent is pinged.</summary>
    public static readonly TimeSpan Ping = TimeSpan.FromSeconds(5);

    /// <summary>An unanswered ping ends the connection after this.</summary>
    public static readonly TimeSpan PingAnswer = TimeSpan.FromSeconds(10);

    /// <summary>A query (logs, switch status) is answered within this; a ping query gets its own length on top.</summary>
    public static readonly TimeSpan Query = TimeSpan.FromSeconds(15);
}
