"""VoiceChangerAPI: a self-hosted text-to-speech API with real voice cloning."""

__version__ = "0.1.0"
