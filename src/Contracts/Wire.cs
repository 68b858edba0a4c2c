using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VioActors.Contracts;

/// <summary>
/// The stable name of a message, event or effect outside this process. It never changes; shapes get versions.
/// </summary>
/// <param name="name">Dotted lower-case name, for example <c>environment.created</c>.</param>
/// <param name="version">Version of the shape, from 1; older ones are read by upcasters.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WireAttribute(string name, int version = 1) : Attribute
{
    /// <summary>Name and version as stored, <c>name/version</c>.</summary>
    public string FullName { get; } = $"{name}/{version}";
}

/// <summary>Everything that has a wire name, and how JSON is written everywhere in VioActors.</summary>
public static class Wire
{
    /// <summary>JSON of the API, the journal and the agents: camelCase, enums as words, nulls left out.</summary>
    public static readonly JsonSerializerOptions Json = CreateJson();

    /// <summary>Every type with a <see cref="WireAttribute"/> in this assembly, by its full name.</summary>
    public static readonly ImmutableSortedDictionary<string, Type> Types = Scan();

    private static ImmutableSortedDictionary<string, Type> Scan() =>
        typeof(Wire).Assembly.GetTypes()
            .Select(type => (type, wire: type.GetCustomAttribute<WireAttribute>()))
            .Where(pair => pair.wire is not null)
            .ToImmutableSortedDictionary(pair => pair.wire!.FullName, pair => pair.type, StringComparer.Ordinal);

    private static JsonSerializerOptions CreateJson()
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            MaxDepth = 32,
        };
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower));
        json.MakeReadOnly(populateMissingResolver: true);
        return json;
    }
}
