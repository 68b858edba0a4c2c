using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace VioActors.Runtime;

/// <summary>Turns JSON of an old name into JSON of a newer one. Pure; chains of these are followed.</summary>
/// <param name="From">Stored name, for example <c>environment.created/1</c>; no type is registered for it.</param>
/// <param name="To">The next name, registered or the start of another upcaster.</param>
/// <param name="Change">May change and return its argument.</param>
public sealed record Upcaster(string From, string To, Func<JsonNode, JsonNode> Change);

/// <summary>
/// Names and JSON for everything that is stored or sent: messages, events, replies, effect payloads. A closed list: an
/// unknown name is an error, and no CLR name is ever written. Immutable and thread-safe.
/// </summary>
public sealed partial class MessageCodec
{
    private readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _names = [];
    private readonly Dictionary<string, Upcaster> _upcasters = new(StringComparer.Ordinal);

    /// <summary>Builds the list; the runtime's own messages are added.</summary>
    /// <param name="names">One name of the form <c>word.word/version</c> for each type.</param>
    /// <param name="json">How bodies are written; copied. Default: camel case, nulls left out.</param>
    /// <param name="upcasters">Readers of names that are no longer written.</param>
    /// <exception cref="ArgumentException">A name is malformed or used twice, or an upcaster leads nowhere.</exception>
    public MessageCodec(
        IEnumerable<(string Name, Type Type)> names,
        JsonSerializerOptions? json = null,
        IEnumerable<Upcaster>? upcasters = null)
    {
        Json = json is null ? Defaults() : new JsonSerializerOptions(json);
        Json.Converters.Add(new NestedBody(this));
        Add("runtime.refused/1", typeof(Refused));
        Add("runtime.effect-failed/1", typeof(EffectFailed));
        foreach (var (name, type) in names)
            Add(name, type);
        foreach (var upcaster in upcasters ?? [])
        {
            if (_types.ContainsKey(upcaster.From) || !_upcasters.TryAdd(upcaster.From, upcaster))
                throw new ArgumentException($"'{upcaster.From}' already has a type or an upcaster.", nameof(upcasters));
        }
        foreach (var upcaster in _upcasters.Values)
            RequireEnd(upcaster);
    }

    /// <summary>How bodies and snapshots are written. Read only.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>The stored form.</summary>
    /// <exception cref="ArgumentException">The type is not registered: a bug of the sender.</exception>
    public Body Encode(object message) => _names.TryGetValue(message.GetType(), out var name)
        ? new Body(name, JsonSerializer.Serialize(message, message.GetType(), Json))
        : throw new ArgumentException(
            $"No name is registered for {message.GetType()}; add it to the codec's list.", nameof(message));

    /// <summary>Whether this version reads that name.</summary>
    public bool Knows(string name) => _types.ContainsKey(name) || _upcasters.ContainsKey(name);

    /// <summary>Reads the stored form, of this or an older version.</summary>
    /// <exception cref="UnknownNameException">The name belongs to no type and no upcaster.</exception>
    /// <exception cref="JsonException">The JSON does not fit the type.</exception>
    public object Decode(Body body)
    {
        if (_types.TryGetValue(body.Name, out var type))
            return JsonSerializer.Deserialize(body.Json, type, Json)
                ?? throw new JsonException($"{body.Name} is null.");
        if (!_upcasters.TryGetValue(body.Name, out var upcaster))
            throw new UnknownNameException(body.Name);
        var node = JsonNode.Parse(body.Json) ?? throw new JsonException($"{body.Name} is null.");
        for (; ; upcaster = _upcasters[upcaster.To])
        {
            node = upcaster.Change(node);
            if (_types.TryGetValue(upcaster.To, out type))
                return node.Deserialize(type, Json) ?? throw new JsonException($"{upcaster.To} is null.");
        }
    }

    private static JsonSerializerOptions Defaults() => new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private void Add(string name, Type type)
    {
        if (!NameForm().IsMatch(name))
            throw new ArgumentException($"'{name}' is not of the form word.word/version.", nameof(name));
        if (!_types.TryAdd(name, type) || !_names.TryAdd(type, name))
            throw new ArgumentException($"'{name}' or {type} is registered twice.", nameof(name));
    }

    private void RequireEnd(Upcaster upcaster)
    {
        var steps = 0;
        for (var to = upcaster.To; !_types.ContainsKey(to); to = _upcasters[to].To)
        {
            if (!_upcasters.ContainsKey(to) || ++steps > _upcasters.Count)
                throw new ArgumentException(
                    $"The upcaster of '{upcaster.From}' leads to no registered type.", nameof(upcaster));
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9.-]*/[1-9][0-9]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex NameForm();

    /// <summary>
    /// A property declared as <see cref="object"/> holds a registered message: written with its name.
    /// </summary>
    private sealed class NestedBody(MessageCodec codec) : JsonConverter<object>
    {
        public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var node = JsonNode.Parse(ref reader) as JsonObject;
            if (node?["name"] is not JsonValue name || node["body"] is not { } body)
                throw new JsonException("A nested message needs 'name' and 'body'.");
            return codec.Decode(new Body(name.GetValue<string>(), body.ToJsonString()));
        }

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            var body = codec.Encode(value);
            writer.WriteStartObject();
            writer.WriteString("name", body.Name);
            writer.WritePropertyName("body");
            writer.WriteRawValue(body.Json);
            writer.WriteEndObject();
        }
    }
}
