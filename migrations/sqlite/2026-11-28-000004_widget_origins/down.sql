UPDATE widget_tokens SET allowed_origins = '[]' WHERE allowed_origins = '["*"]';
