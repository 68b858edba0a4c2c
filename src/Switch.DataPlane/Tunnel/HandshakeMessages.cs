namespace VioActors.Switch.DataPlane;

/// <summary>What a build may be able to do in tunnels; both sides' words are in their hellos, unknown bits are ignored.
/// </summary>
[Flags]
internal enum TunnelCapabilities : uint
{
    None = 0,

    /// <summary>Understands claims.</summary>
    Claims = 1,

    /// <summary>Takes frames that a source host passes on after a move.</summary>
    PassedOn = 2,

    /// <summary>Tells what it lost, and takes parity.</summary>
    Parity = 4,

    /// <summary>Counts test runs and says what arrived.</summary>
    RunTests = 0x100,

    /// <summary>Answers probes of a path.</summary>
    Probes = 8,

    /// <summary>Passes on datagrams between its peers, takes passed-on ones, and tells peers' addresses.</summary>
    Relay = 16,

    /// <summary>Marks a frame whose datagrams met congestion (RFC 6040).</summary>
    Ecn = 32,

    /// <summary>What this build can do.</summary>
    Ours = Claims | PassedOn | Parity | Probes | Relay | Ecn | RunTests,
}

/// <summary>
/// The first message: a hello (versions, capabilities, ciphers, build), who speaks to whom about which environment, a
/// key share.
/// </summary>
internal sealed record InitMessage
{
    public const int ShareBytes = IdentityStatement.PublicKeyBytes;
    public const int MaxBuildChars = 32;

    public required byte MinVersion { get; init; }
    public required byte MaxVersion { get; init; }
    public required TunnelCapabilities Capabilities { get; init; }
    public required byte Ciphers { get; init; }
    public required string Build { get; init; }
    public required byte Lane { get; init; }

    /// <summary>How many the sender has.</summary>
    public int Lanes { get; init; } = 1;


    /// <summary>Microseconds since 1970, strictly rising per sender: an older one is a replay.</summary>
    public required ulong Timestamp { get; init; }

    public required uint SenderSession { get; init; }

    /// <summary>SHA-256 over the environment's id, 32 bytes.</summary>
    public required byte[] Environment { get; init; }

    public required string Sender { get; init; }
    public required string Recipient { get; init; }
    public required byte[] Share { get; init; }
    public required IdentityProof Proof { get; init; }

    public static string ThisBuild { get; } =
        typeof(InitMessage).Assembly.GetName().Version is { } v ? $"vio/{v.Major}.{v.Minor}.{v.Build}" : "vio";

    /// <summary>Writes everything but the signature; returns its length.</summary>
    public int Write(Span<byte> to)
    {
        new DatagramHeader(DatagramType.Init, MaxVersion, Lane, 0, Timestamp).Write(to);
        var writer = new WireWriter(to[DatagramHeader.Bytes..]);
        writer.U8(MinVersion);
        writer.U8(MaxVersion);
        writer.U32(HelloWord.Of(Capabilities, Lanes));
        writer.U8(Ciphers);
        writer.Text(Build);
        writer.U32(SenderSession);
        writer.Raw(Environment);
        writer.Text(Sender);
        writer.Text(Recipient);
        writer.Raw(Share);
        Proof.Write(ref writer);
        return DatagramHeader.Bytes + writer.Length;
    }

    /// <summary>
    /// Reads a message whose 64-byte signature follows at <paramref name="signedLength"/>; null for garbage.
    /// </summary>
    public static InitMessage? Read(ReadOnlySpan<byte> datagram, in DatagramHeader header, out int signedLength)
    {
        var reader = new WireReader(datagram[DatagramHeader.Bytes..]);
        (byte minVersion, byte maxVersion, uint hello) = (reader.U8(), reader.U8(), reader.U32());
        var message = new InitMessage
        {
            Lane = header.Lane,
            Timestamp = header.Counter,
            MinVersion = minVersion,
            MaxVersion = maxVersion,
            Capabilities = HelloWord.Capabilities(hello),
            Lanes = HelloWord.Lanes(hello),
            Ciphers = reader.U8(),
            Build = reader.Text(MaxBuildChars),
            SenderSession = reader.U32(),
            Environment = reader.Raw(EnvironmentTag.Bytes),
            Sender = reader.Text(Limits.MaxIdChars),
            Recipient = reader.Text(Limits.MaxIdChars),
            Share = reader.Raw(ShareBytes),
            Proof = IdentityProof.Read(ref reader),
        };
        signedLength = DatagramHeader.Bytes + reader.Position;
        bool whole = !reader.Failed && datagram.Length == signedLength + HandshakeCrypto.SignatureBytes;
        return whole && message.SenderSession != 0 ? message : null;
    }
}

/// <summary>The second message: the responder's hello, what was chosen, and its share.</summary>
internal sealed record ResponseMessage
{
    public required byte Version { get; init; }
    public required byte MinVersion { get; init; }
    public required byte MaxVersion { get; init; }
    public required TunnelCapabilities Capabilities { get; init; }
    public required TunnelCipher Cipher { get; init; }
    public required byte Lane { get; init; }

    /// <summary>How many the sender has.</summary>
    public int Lanes { get; init; } = 1;

    public required ulong Timestamp { get; init; }
    public required uint ReceiverSession { get; init; }
    public required uint SenderSession { get; init; }
    public required string Build { get; init; }
    public required byte[] Share { get; init; }
    public required IdentityProof Proof { get; init; }

    public int Write(Span<byte> to)
    {
        new DatagramHeader(DatagramType.Response, Version, Lane, ReceiverSession, Timestamp).Write(to);
        var writer = new WireWriter(to[DatagramHeader.Bytes..]);
        writer.U8(MinVersion);
        writer.U8(MaxVersion);
        writer.U32(HelloWord.Of(Capabilities, Lanes));
        writer.U8((byte)Cipher);
        writer.Text(Build);
        writer.U32(SenderSession);
        writer.Raw(Share);
        Proof.Write(ref writer);
        return DatagramHeader.Bytes + writer.Length;
    }

    public static ResponseMessage? Read(ReadOnlySpan<byte> datagram, in DatagramHeader header, out int signedLength)
    {
        var reader = new WireReader(datagram[DatagramHeader.Bytes..]);
        (byte minVersion, byte maxVersion, uint hello) = (reader.U8(), reader.U8(), reader.U32());
        var message = new ResponseMessage
        {
            Version = header.Version,
            Lane = header.Lane,
            Timestamp = header.Counter,
            ReceiverSession = header.Session,
            MinVersion = minVersion,
            MaxVersion = maxVersion,
            Capabilities = HelloWord.Capabilities(hello),
            Lanes = HelloWord.Lanes(hello),
            Cipher = (TunnelCipher)reader.U8(),
            Build = reader.Text(InitMessage.MaxBuildChars),
            SenderSession = reader.U32(),
            Share = reader.Raw(InitMessage.ShareBytes),
            Proof = IdentityProof.Read(ref reader),
        };
        signedLength = DatagramHeader.Bytes + reader.Position;
        bool whole = !reader.Failed && datagram.Length == signedLength + HandshakeCrypto.SignatureBytes;
        bool known = message.Cipher is TunnelCipher.Aes256Gcm or TunnelCipher.ChaCha20Poly1305;
        return whole && known && message.SenderSession != 0
            ? message
            : null;
    }
}
