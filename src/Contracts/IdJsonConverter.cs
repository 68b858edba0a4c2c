using System.Text.Json;
using System.Text.Json.Serialization;

namespace VioActors.Contracts;

/// <summary>Writes an id as its text, also as a dictionary key; reading checks the text.</summary>
public sealed class IdJsonConverter<TId> : JsonConverter<TId> where TId : struct, IVioId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);

    private static TId Parse(string? text)
    {
        try
        {
            return TId.From(text!);
        }
        catch (FormatException bad)
        {
            throw new JsonException(bad.Message, bad);
        }
    }
}
