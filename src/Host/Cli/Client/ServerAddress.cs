namespace VioActors.Daemon.Cli;

/// <summary>Where a server's API is and how to prove both sides.</summary>
/// <param name="Uri"><c>unix:/path</c> or <c>https://host:port</c>.</param>
/// <param name="Token">Bearer token; null sends none. Never printed.</param>
/// <param name="CaSha256">Lower-case hex SHA-256 of the site CA's public key (SPKI); null trusts the system's
/// CAs.</param>
/// <param name="Source">Where the address was found, for messages.</param>
internal sealed record ServerAddress(Uri Uri, string? Token, string? CaSha256, string Source)
{
    /// <summary>Path of the unix socket; null for a TLS address.</summary>
    public string? SocketPath => Uri.Scheme == "unix" ? Uri.AbsolutePath : null;

    /// <summary>Reads <c>unix:/path</c>, <c>/path</c> or <c>https://host:port</c>.</summary>
    /// <exception cref="UsageException">It is none of these.</exception>
    public static ServerAddress Parse(string text, string? token, string? caSha256, string source)
    {
        var address = text.StartsWith('/') ? "unix:" + text : text;
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == "unix" && uri.AbsolutePath.StartsWith('/'))))
            return new ServerAddress(uri, token, caSha256, source);
        throw new UsageException(
            $"'{text}' (from {source}) is not a server address.", "Write unix:/path/to/api.sock or https://host:port.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Uri.OriginalString} (from {Source})";
}
