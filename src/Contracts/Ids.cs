using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace VioActors.Contracts;

/// <summary>An opaque id that is made once: letters, digits, <c>-</c> and <c>.</c>, at most 80 characters.</summary>
public interface IVioId<TSelf> : IComparable<TSelf> where TSelf : struct, IVioId<TSelf>
{
    /// <summary>The printed form.</summary>
    string Value { get; }

    /// <summary>Wraps a text that <see cref="IdText.Check"/> accepts.</summary>
    static abstract TSelf From(string value);
}

/// <summary>The one rule for the text of ids: what passes can be part of a path, a domain name or a URI.</summary>
public static class IdText
{
    /// <summary>Longest id, in characters.</summary>
    public const int MaxLength = 80;

    /// <summary>Returns the text when it is a well-formed id.</summary>
    /// <exception cref="FormatException">
    /// It is empty, too long, starts with a dot or holds another character.
    /// </exception>
    public static string Check(string? value)
    {
        if (string.IsNullOrEmpty(value) || value.Length > MaxLength || value[0] is '.' or '-'
            || value.Contains("..") || value.AsSpan().IndexOfAnyExcept(Allowed) >= 0)
            throw new FormatException(
                $"'{value}' is not an id: 1 to {MaxLength} of a-z, 0-9, '-' and '.' are allowed.");
        return value;
    }

    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");
}

/// <summary>A site: hash of its root key, so nobody can claim another's.</summary>
[JsonConverter(typeof(IdJsonConverter<SiteId>))]
public readonly record struct SiteId(string Value) : IVioId<SiteId>
{
    /// <inheritdoc/>
    public static SiteId From(string value) => new(IdText.Check(value));

    /// <summary>The id of the site whose root certificate has this public key (SubjectPublicKeyInfo, DER).</summary>
    public static SiteId OfRootKey(ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        new("s" + Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo).AsSpan(0, 8)));

    /// <inheritdoc/>
    public int CompareTo(SiteId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A physical machine of a site.</summary>
[JsonConverter(typeof(IdJsonConverter<HostId>))]
public readonly record struct HostId(string Value) : IVioId<HostId>
{
    /// <inheritdoc/>
    public static HostId From(string value) => new(IdText.Check(value));

    /// <inheritdoc/>
    public int CompareTo(HostId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>An environment; contains the id of its home site, <c>SITE.xxxxxxxxxxxxxxxx</c>.</summary>
[JsonConverter(typeof(IdJsonConverter<EnvironmentId>))]
public readonly record struct EnvironmentId(string Value) : IVioId<EnvironmentId>
{
    /// <inheritdoc/>
    public static EnvironmentId From(string value) => new(IdText.Check(value));

    /// <summary>The site that is its master until an explicit hand-over.</summary>
    [JsonIgnore]
    public SiteId Home => new(Value[..Value.IndexOf('.')]);

    /// <summary>The id of an environment of that site.</summary>
    public static EnvironmentId Of(SiteId home, Guid unique) => new($"{home}.{unique.ToString("N")[..16]}");

    /// <inheritdoc/>
    public int CompareTo(EnvironmentId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A node; equal to the UUID of its domain in the hypervisor.</summary>
[JsonConverter(typeof(IdJsonConverter<NodeId>))]
public readonly record struct NodeId(string Value) : IVioId<NodeId>
{
    /// <inheritdoc/>
    public static NodeId From(string value) => new(Guid.ParseExact(IdText.Check(value), "D").ToString("D"));

    /// <summary>The node with this UUID.</summary>
    public static NodeId Of(Guid uuid) => new(uuid.ToString("D"));

    /// <summary>The hypervisor's UUID of this node.</summary>
    [JsonIgnore]
    public Guid Uuid => Guid.ParseExact(Value, "D");

    /// <summary>The hypervisor's name of this node.</summary>
    [JsonIgnore]
    public string DomainName => "vio-" + Value;

    /// <summary>
    /// Name of one of the interfaces of this node's joint: <c>vio</c> and 11 characters, the last one its role.
    /// </summary>
    /// <param name="role"><c>b</c> the bridge, <c>s</c> the switch's TAP, <c>q</c> the TAP that the
    /// hypervisor opens.</param>
    public string InterfaceName(char role)
    {
        const string alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        Span<char> name = stackalloc char[14];
        "vio".CopyTo(name);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Value));
        for (var i = 0; i < 10; i++) name[3 + i] = alphabet[hash[i] & 31];
        name[13] = role;
        return new string(name);
    }

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Any long-running work that was accepted.</summary>
[JsonConverter(typeof(IdJsonConverter<OperationId>))]
public readonly record struct OperationId(string Value) : IVioId<OperationId>
{
    /// <inheritdoc/>
    public static OperationId From(string value) => new(IdText.Check(value));

    /// <summary>The operation with this unique number.</summary>
    public static OperationId Of(Guid unique) => new("op-" + unique.ToString("N")[..16]);

    /// <inheritdoc/>
    public int CompareTo(OperationId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
