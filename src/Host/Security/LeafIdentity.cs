using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VioActors.Contracts;

namespace VioActors.Daemon.Security;

/// <summary>What a certificate's holder is in its site. Checked per endpoint: an agent's leaf never opens a server's door.</summary>
internal enum LeafRole
{
    /// <summary>A server of the site; its id is the server's name.</summary>
    Server,

    /// <summary>The agent of a host; its id is the host's.</summary>
    Agent,
}

/// <summary>Who a leaf certificate speaks for: <c>vio://site/SITE/ROLE/ID</c>, its only URI name.</summary>
internal sealed record LeafIdentity(SiteId Site, LeafRole Role, string Id)
{
    private const string Prefix = "vio://site/";
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The URI as it stands in the certificate.</summary>
    public Uri Uri => new($"{Prefix}{Site}/{Role.ToString().ToLowerInvariant()}/{Id}");

    /// <inheritdoc/>
    public override string ToString() => Uri.OriginalString;

    /// <summary>The identity in this certificate, or null when it has none, two, or a malformed one.</summary>
    public static LeafIdentity? Of(X509Certificate2 certificate)
    {
        try
        {
            return Uris(certificate) is [var only] ? Parse(only) : null;
        }
        catch (Exception bad) when (bad is AsnContentException or CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static LeafIdentity? Parse(string uri)
    {
        if (!uri.StartsWith(Prefix, StringComparison.Ordinal) || uri[Prefix.Length..].Split('/') is not [var site, var role, var id])
            return null;
        return role switch
        {
            "server" => new LeafIdentity(SiteId.From(site), LeafRole.Server, IdText.Check(id)),
            "agent" => new LeafIdentity(SiteId.From(site), LeafRole.Agent, IdText.Check(id)),
            _ => null,
        };
    }

    private static List<string> Uris(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        foreach (var extension in certificate.Extensions.Where(e => e.Oid?.Value == SubjectAlternativeName))
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(UriTag))
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                else
                    names.ReadEncodedValue();
            }
        }
        return uris;
    }
}
