using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The identity of one running switchd: a P-256 key made at start and never stored, and, once the agent has installed
/// it, the proof that this key speaks for the host. Thread safe: the proof is replaced as a whole.
/// </summary>
internal sealed class SwitchIdentity : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Lock _signing = new();
    private volatile IdentityProof? _proof;

    public SwitchIdentity() => PublicKey = PublicPoint.Encode(_key.ExportParameters(includePrivateParameters: false));

    /// <summary>65 bytes.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Null until the agent installed one; handshakes wait for it.</summary>
    public IdentityProof? Proof => _proof;

    public void Install(IdentityProof proof) => _proof = proof;

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_signing)
            return _key.SignData(data, HashAlgorithmName.SHA256);
    }

    /// <summary>A certificate of this key, signed by itself; the caller owns it.</summary>
    public X509Certificate2 Certify(X509Extension shown, DateTimeOffset now)
    {
        lock (_signing)
        {
            var request = new CertificateRequest("CN=switchd", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(shown);
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        }
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>The part of a handshake that shows who a switchd is.</summary>
/// <param name="PublicKey">Ephemeral key, 65 bytes.</param>
/// <param name="ExpiresAtUnixSeconds">End of the proof.</param>
/// <param name="Signature">By the leaf over the <see cref="IdentityStatement"/>.</param>
/// <param name="Chain">Certificates in DER, leaf first.</param>
internal sealed record IdentityProof(byte[] PublicKey, long ExpiresAtUnixSeconds, byte[] Signature, byte[][] Chain)
{
    private const int MaxSignatureBytes = 160;

    public void Write(ref WireWriter writer)
    {
        writer.Raw(PublicKey);
        writer.U64((ulong)ExpiresAtUnixSeconds);
        writer.Block(Signature);
        writer.U8((byte)Chain.Length);
        foreach (byte[] certificate in Chain)
            writer.Block(certificate);
    }

    public static IdentityProof Read(ref WireReader reader)
    {
        byte[] key = reader.Raw(IdentityStatement.PublicKeyBytes);
        long expires = (long)Math.Min(reader.U64(), 253_402_300_799UL);
        byte[] signature = reader.Block(MaxSignatureBytes);
        int count = Math.Min((int)reader.U8(), Limits.MaxChainCertificates);
        byte[][] chain = new byte[count][];
        for (int i = 0; i < count; i++)
            chain[i] = reader.Block(Limits.MaxChainBytes);
        return new IdentityProof(key, expires, signature, chain);
    }

    /// <summary>SHA-256 over all fields, the key of the verifier's cache.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(PublicKey);
        hash.AppendData(BitConverter.GetBytes(ExpiresAtUnixSeconds));
        hash.AppendData(Signature);
        foreach (byte[] certificate in Chain)
            hash.AppendData(certificate);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
