namespace VioActors.Daemon.Agent.Switching;

/// <summary>
/// Where a host's switch may be reached, as the site passes it on: <c>ip:port</c>, further ones behind commas, and
/// <c>tcp:ip:port</c>. The site itself does not look into it.
/// </summary>
/// <param name="Udp">The first, where it listens, and others that lead there.</param>
/// <param name="Tcp">Where it takes connections; null where it does not.</param>
internal sealed record SwitchEndpoints(IReadOnlyList<string> Udp, string? Tcp)
{
    /// <summary>Addresses besides the one where it listens.</summary>
    public const int MostFurther = 6;

    private const string TcpPrefix = "tcp:";

    /// <summary>As one word.</summary>
    public string Text => string.Join(',', Tcp is null ? Udp : Udp.Append(TcpPrefix + Tcp));

    /// <summary>Of this host.</summary>
    public static SwitchEndpoints Of(AgentOptions options) =>
        new([options.SwitchListen, .. options.SwitchEndpoints], options.SwitchTcpListen);

    /// <summary>Of a host that sent <see cref="Text"/>. What is wrong in it, the switch says.</summary>
    public static SwitchEndpoints Parse(string text)
    {
        var words = text.Split(',');
        return new SwitchEndpoints(
            [.. words.Where(word => !word.StartsWith(TcpPrefix, StringComparison.Ordinal))],
            words.FirstOrDefault(word => word.StartsWith(TcpPrefix, StringComparison.Ordinal))?[TcpPrefix.Length..]);
    }
}
