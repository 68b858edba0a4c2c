using System.Text.Json.Serialization;

namespace VioActors.Switch.DataPlane;

/// <summary>A message of the control protocol; <c>type</c> in JSON says which. Unknown members are ignored.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ControlHello), "hello")]
[JsonDerivedType(typeof(ControlError), "error")]
[JsonDerivedType(typeof(IdentityRequest), "identity")]
[JsonDerivedType(typeof(IdentityReply), "identityReply")]
[JsonDerivedType(typeof(IdentityInstall), "identityInstall")]
[JsonDerivedType(typeof(ControlDone), "done")]
[JsonDerivedType(typeof(ApplyRequest), "apply")]
[JsonDerivedType(typeof(ApplyReply), "applyReply")]
[JsonDerivedType(typeof(StatusRequest), "status")]
[JsonDerivedType(typeof(StatusReply), "statusReply")]
[JsonDerivedType(typeof(ProbeRequest), "probe")]
[JsonDerivedType(typeof(ProbeReply), "probeReply")]
[JsonDerivedType(typeof(PingRequest), "ping")]
[JsonDerivedType(typeof(ControlStop), "stop")]
[JsonDerivedType(typeof(PingReply), "pingReply")]
[JsonDerivedType(typeof(TraceStart), "traceStart")]
[JsonDerivedType(typeof(TraceStarted), "traceStarted")]
[JsonDerivedType(typeof(TraceRead), "traceRead")]
[JsonDerivedType(typeof(TraceFrames), "traceFrames")]
[JsonDerivedType(typeof(TraceStop), "traceStop")]
[JsonDerivedType(typeof(DropsRequest), "drops")]
[JsonDerivedType(typeof(DropsReply), "dropsReply")]
public abstract record ControlMessage
{
    /// <summary>Chosen by the asker, unique among the requests that run on its connection, and repeated in the answer.
    /// Answers come as they are ready. 0 in a hello and in an error that ends the connection.</summary>
    public int Id { get; init; }
}

/// <summary>The first message of both sides.</summary>
/// <param name="MinVersion">Oldest protocol version that the sender speaks.</param>
/// <param name="MaxVersion">Newest one.</param>
/// <param name="Capabilities">Words for what may be missing in other builds.</param>
/// <param name="Build">Name and version of the program.</param>
public sealed record ControlHello(int MinVersion, int MaxVersion, IReadOnlyList<string> Capabilities, string Build)
    : ControlMessage
{
    /// <summary>The newest version of this build.</summary>
    public const int Newest = 1;

    /// <summary>The oldest version of this build.</summary>
    public const int Oldest = 1;

    /// <summary>What both sides of this build can do: many requests at once, pings, ready probes, traces.</summary>
    public static IReadOnlyList<string> OurCapabilities { get; } = ["ids", "ping", "probe", "trace"];

    /// <summary>The hello of this build.</summary>
    /// <param name="build">Name and version of the program.</param>
    public static ControlHello Of(string build) => new(Oldest, Newest, OurCapabilities, build);
}

/// <summary>A request was refused.</summary>
/// <param name="Code">A stable word, e.g. <c>stale-version</c>, <c>unknown-environment</c>, <c>bad-identity</c>,
/// <c>bad-message</c>.</param>
/// <param name="Reason">A sentence that names the thing, the limit and the next step.</param>
public sealed record ControlError(string Code, string Reason) : ControlMessage;

/// <summary>Asks for the public key of this switchd.</summary>
public sealed record IdentityRequest : ControlMessage;

/// <summary>Who this switchd is.</summary>
/// <param name="SiteId">From its options.</param>
/// <param name="HostId">From its options.</param>
/// <param name="PublicKey">65 bytes: the ephemeral P-256 point (base64 in JSON). Changes with every start.</param>
/// <param name="ExpiresAtUnixSeconds">End of the installed proof; null when none is installed.</param>
public sealed record IdentityReply(string SiteId, string HostId, byte[] PublicKey, long? ExpiresAtUnixSeconds)
    : ControlMessage;

/// <summary>Gives the proof that the key speaks for the host.</summary>
/// <param name="ExpiresAtUnixSeconds">As in the signed <see cref="IdentityStatement"/>.</param>
/// <param name="Signature">Of the host certificate's key over the statement, IEEE P1363.</param>
/// <param name="ChainPem">Certificates in PEM, leaf first; at most three.</param>
public sealed record IdentityInstall(long ExpiresAtUnixSeconds, byte[] Signature, string ChainPem) : ControlMessage;

/// <summary>The request was done and there is nothing to tell.</summary>
public sealed record ControlDone : ControlMessage;

/// <summary>Asks to make this host's switch as wanted.</summary>
/// <param name="State">All of it, not a difference.</param>
public sealed record ApplyRequest(SwitchWantedState State) : ControlMessage;

/// <summary>
/// What came of an apply. Items that failed are tried again by the next one, also of the same version.
/// </summary>
/// <param name="Version">The version that is applied now.</param>
/// <param name="Errors">Items that are not as wanted.</param>
/// <param name="Warnings">What works but is not as strict as it should be.</param>
public sealed record ApplyReply(long Version, IReadOnlyList<ApplyError> Errors, IReadOnlyList<string> Warnings)
    : ControlMessage;

/// <summary>One item that is not as wanted.</summary>
/// <param name="Environment">Its environment.</param>
/// <param name="Item">E.g. <c>port viota1</c>, <c>member h2</c>, <c>node n3</c>.</param>
/// <param name="Reason">Why.</param>
public sealed record ApplyError(string Environment, string Item, string Reason);

/// <summary>Asks for all counters.</summary>
public sealed record StatusRequest : ControlMessage;

/// <summary>The answer to <see cref="StatusRequest"/>.</summary>
/// <param name="Status">A snapshot taken between two batches of frames.</param>
public sealed record StatusReply(SwitchStatus Status) : ControlMessage;

/// <summary>Asks whether a node answers ARP and ICMP echo.</summary>
/// <param name="Environment">Its environment.</param>
/// <param name="Ip">Its IPv4 address.</param>
/// <param name="TimeoutMs">1 to 60000.</param>
public sealed record ProbeRequest(string Environment, string Ip, int TimeoutMs) : ControlMessage;

/// <summary>The answer to <see cref="ProbeRequest"/>.</summary>
/// <param name="RttMs">Round trip of the echo in milliseconds; null when the node did not answer in time.</param>
public sealed record ProbeReply(double? RttMs) : ControlMessage;

/// <summary>
/// Pings a node until the count is reached, <see cref="ControlStop"/> comes or the connection ends.
/// </summary>
/// <param name="Environment">Its environment.</param>
/// <param name="Ip">Its IPv4 address.</param>
/// <param name="IntervalMs">At least 10.</param>
/// <param name="Count">At most 100000; null: until stopped (or that many).</param>
/// <param name="TimeoutMs">Of each request, 1 to 60000.</param>
public sealed record PingRequest(string Environment, string Ip, int IntervalMs, int? Count, int TimeoutMs)
    : ControlMessage;

/// <summary>Ends a probe or a ping of this connection; its answer follows at once. Has no answer itself.</summary>
/// <param name="Request">Its id; one that does not run any more is fine.</param>
public sealed record ControlStop(int Request) : ControlMessage;

/// <summary>The answer to <see cref="PingRequest"/>.</summary>
/// <param name="Report">What was counted.</param>
public sealed record PingReply(PingReport Report) : ControlMessage;
